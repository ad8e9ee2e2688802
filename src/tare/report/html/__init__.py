"""Reports as one offline HTML file each: no request leaves it, and no name from an image can act in it."""
