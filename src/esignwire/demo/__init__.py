"""The flows that ``esignwire demo`` shows: what people do with the three vendors, call by call.

A flow is an async function of a client and a ``Scene``; its sync twin is derived from it. The
same flows are shown by the command, recorded and replayed by the tests, and run against a vendor's
own test environment.
"""

from __future__ import annotations

from esignwire.demo.scene import Scene, Step, Surprise

__all__ = ["Scene", "Step", "Surprise"]
