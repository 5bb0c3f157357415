"""A small window to drag files from, as from a file manager: X Y PATH...

Prints "ready" when it can be dragged from, and "ended" when a drag from it was let go.
"""

import sys
from pathlib import Path

import gi

gi.require_version("Gdk", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, Gtk  # noqa: E402

x, y, *paths = sys.argv[1:]
uris = [Path(path).as_uri() for path in paths]

window = Gtk.Window(title="files", default_width=100, default_height=100)
handle = Gtk.EventBox()
handle.add(Gtk.Label(label="files"))
handle.drag_source_set(Gdk.ModifierType.BUTTON1_MASK, [], Gdk.DragAction.COPY)
handle.drag_source_add_uri_targets()
handle.connect("drag-data-get", lambda _w, _c, data, _i, _t: data.set_uris(uris))
handle.connect("drag-end", lambda *_: print("ended", flush=True))
window.add(handle)
window.connect("map-event", lambda *_: print("ready", flush=True))
window.connect("destroy", Gtk.main_quit)
window.move(int(x), int(y))
window.show_all()
Gtk.main()
