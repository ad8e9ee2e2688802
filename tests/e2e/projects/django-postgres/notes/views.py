import psycopg2
from django.conf import settings
from django.http import JsonResponse

from notes.models import Note


def health(request):
    return JsonResponse({"status": "ok", "collected": (settings.STATIC_ROOT / "site.css").exists()})


def driver(request):
    return JsonResponse({"psycopg2": psycopg2.__version__, "libpq": psycopg2.extensions.libpq_version() > 0})


def notes(request):
    Note.objects.create(text="written")
    return JsonResponse({"written": True})
