from django.urls import path

from notes import views

urlpatterns = [path("health", views.health), path("driver", views.driver), path("notes", views.notes)]
