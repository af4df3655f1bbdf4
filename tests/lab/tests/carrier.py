"""UDP through TLS 443, written from RFC 9297 and RFC 9298 alone: a loopback UDP port joined to a gateway. `carrier.py ADDRESS CA PATH PORT BEARER`"""
import selectors, socket, ssl, sys

address, authority, path, port = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
bearer = open(sys.argv[5]).read().strip()
context = ssl.create_default_context(cafile=authority)
context.minimum_version = ssl.TLSVersion.TLSv1_3
tls = context.wrap_socket(socket.create_connection((address, 443), 10), server_hostname="flexnet.example")
tls.sendall(
    f"GET {path} HTTP/1.1\r\nHost: flexnet.example\r\n{bearer}\r\n"
    "Connection: Upgrade\r\nUpgrade: connect-udp\r\nCapsule-Protocol: ?1\r\n\r\n".encode()
)
held = b""
while b"\r\n\r\n" not in held:
    held += tls.recv(65536) or sys.exit("no answer")
head, held = held.split(b"\r\n\r\n", 1)
if b" 101 " not in head.split(b"\r\n")[0]:
    sys.exit(head.decode())
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(("127.0.0.1", port))
print("carries", flush=True)
tls.setblocking(False)
wireguard = None


def integer(at):
    """A variable-length integer and where it ends, or None where it does so later."""
    if at >= len(held) or at + (1 << (held[at] >> 6)) > len(held):
        return None
    size = 1 << (held[at] >> 6)
    return int.from_bytes(held[at : at + size], "big") & ((1 << (8 * size - 2)) - 1), at + size


def capsule():
    """The next capsule's type and value, taken off what is held, or None."""
    global held
    kind = integer(0)
    length = kind and integer(kind[1])
    if not length or length[1] + length[0] > len(held):
        return None
    value, held = held[length[1] : length[1] + length[0]], held[length[1] + length[0] :]
    return kind[0], value


ready = selectors.DefaultSelector()
ready.register(tls, selectors.EVENT_READ)
ready.register(udp, selectors.EVENT_READ)
while True:
    for key, _ in ready.select():
        if key.fileobj is udp:
            datagram, wireguard = udp.recvfrom(65536)
            tls.setblocking(True)
            tls.sendall(b"\0" + (0x80000000 | len(datagram) + 1).to_bytes(4, "big") + b"\0" + datagram)
            tls.setblocking(False)
            continue
        while True:
            try:
                data = tls.recv(65536)
            except ssl.SSLWantReadError:
                break
            if not data:
                print("closed by the gateway", flush=True)
                sys.exit()
            held += data
        while (found := capsule()) is not None:
            kind, value = found
            if kind == 0 and value[:1] == b"\0" and wireguard:
                udp.sendto(value[1:], wireguard)
