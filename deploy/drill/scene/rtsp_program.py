"""CONFIG (JSON) -> an RTSP server on 127.0.0.1. Run by the system's Python, not by ours.

{"port": 8554, "streams": {"/camera": "( … ! rtph264pay name=pay0 pt=96 )"}, "user": …, "password": …,
 "certificate": "file.pem"}; user and certificate are optional.
"""

import json
import sys
from typing import Any

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gio, GLib, Gst, GstRtspServer  # noqa: E402


def main(config: dict[str, Any]) -> None:
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(config["port"]))
    role = protect(server, config)
    for path, launch in config["streams"].items():
        factory = GstRtspServer.RTSPMediaFactory()
        factory.set_launch(launch)
        # One stream for all who look, as a camera has; a file's ends when the file does.
        factory.set_shared(True)
        if role:
            permissions = GstRtspServer.RTSPPermissions()
            permissions.add_permission_for_role(role, "media.factory.access", True)
            permissions.add_permission_for_role(role, "media.factory.construct", True)
            factory.set_permissions(permissions)
        server.get_mount_points().add_factory(path, factory)
    server.attach(None)
    GLib.MainLoop().run()


def protect(server: "GstRtspServer.RTSPServer", config: dict[str, Any]) -> str | None:
    """User and password, TLS; the role of those who signed in."""
    if "user" not in config and "certificate" not in config:
        return None
    auth = GstRtspServer.RTSPAuth()
    if "certificate" in config:
        auth.set_tls_certificate(Gio.TlsCertificate.new_from_file(config["certificate"]))
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    if "user" not in config:
        auth.set_default_token(token)
    else:
        basic = GstRtspServer.RTSPAuth.make_basic(config["user"], config["password"])
        auth.add_basic(basic, token)
    server.set_auth(auth)
    return "viewer"


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
