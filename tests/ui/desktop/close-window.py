"""Asks a window to close, as a window manager's close button does (ICCCM §4.2.8.1). xdotool learned that after Debian 12."""
import ctypes
import sys


class ClientMessage(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int), ("serial", ctypes.c_ulong), ("send_event", ctypes.c_int), ("display", ctypes.c_void_p),
        ("window", ctypes.c_ulong), ("message_type", ctypes.c_ulong), ("format", ctypes.c_int), ("data", ctypes.c_long * 5),
        ("padding", ctypes.c_long * 12),
    ]


x11 = ctypes.CDLL("libX11.so.6")
x11.XOpenDisplay.restype = ctypes.c_void_p
x11.XInternAtom.restype = ctypes.c_ulong
display = ctypes.c_void_p(x11.XOpenDisplay(None))
window = ctypes.c_ulong(int(sys.argv[1]))
atom = {name: x11.XInternAtom(display, name.encode(), 0) for name in ("WM_PROTOCOLS", "WM_DELETE_WINDOW")}
event = ClientMessage(type=33, window=window, message_type=atom["WM_PROTOCOLS"], format=32)
event.data[0] = atom["WM_DELETE_WINDOW"]
if not x11.XSendEvent(display, window, 0, ctypes.c_long(0), ctypes.byref(event)):
    sys.exit("the event was not sent")
x11.XCloseDisplay(display)
