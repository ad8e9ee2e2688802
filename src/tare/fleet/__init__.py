"""Many images as one: each distinct layer is read once, results go to a local store, and a run that broke off goes on."""
