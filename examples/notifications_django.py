"""A Django project in one file that takes notifications in plain views, without asyncio.

    NOTIFICATION_SECRET=... python examples/notifications_django.py 8000

SIGNiX sends to /hooks/SECRET/signix, Constellation1 to /hooks/SECRET/constellation1. A view checks
the secret, reads the notification, and leaves it to a thread; where there is a task queue, leave it
to that.
"""

from __future__ import annotations

import hmac
import os
import queue
import sys
import threading
from collections.abc import Callable
from wsgiref.simple_server import WSGIRequestHandler, make_server

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseNotFound
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from esignwire import constellation1, signix
from esignwire.errors import InvalidNotification
from esignwire.notifications import Event, Seen

SECRET = os.environ["NOTIFICATION_SECRET"]
SEEN = Seen("seen.sqlite")
WAITING: queue.Queue[Event] = queue.Queue(1000)

settings.configure(ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, SECRET_KEY=SECRET)


def take(secret: str, read: Callable[[bytes], Event], content: bytes) -> HttpResponse:
    if not hmac.compare_digest(secret.encode(), SECRET.encode()):
        return HttpResponseNotFound()
    try:
        event = read(content)
    except InvalidNotification as error:
        print("refused:", error)
        return HttpResponseBadRequest()
    if SEEN.add(event.key):
        try:
            WAITING.put_nowait(event)
        except queue.Full:
            SEEN.discard(event.key)
            return HttpResponse(status=503)
    return HttpResponse("OK", content_type="text/plain")


def signix_view(request: HttpRequest, secret: str) -> HttpResponse:
    return take(secret, signix.notification, request.META["QUERY_STRING"].encode("latin-1"))


@csrf_exempt
def constellation1_view(request: HttpRequest, secret: str) -> HttpResponse:
    return take(secret, constellation1.webhook, request.body)


urlpatterns = [
    path("hooks/<str:secret>/signix", signix_view),
    path("hooks/<str:secret>/constellation1", constellation1_view),
]


def work() -> None:
    while True:
        event = WAITING.get()
        # Here the state is read again from the vendor; see notifications_fastapi.py.
        print(f"handled: {event}", flush=True)


application = get_wsgi_application()
threading.Thread(target=work, daemon=True).start()


class Handler(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Logs nothing: a line of the access log would show the secret."""


if __name__ == "__main__":
    with make_server("127.0.0.1", int(sys.argv[1]), application, handler_class=Handler) as server:
        print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
        server.serve_forever()
