"""A client of RFC 9298 over HTTP/1.1: upgrades, sends datagrams as capsules of every form, and expects each one back from an echo."""
import os, random, socket, ssl, sys

port, authority, path = int(sys.argv[1]), sys.argv[2], sys.argv[3]
context = ssl.create_default_context(cafile=authority)
context.minimum_version = ssl.TLSVersion.TLSv1_3
tls = context.wrap_socket(socket.create_connection(("127.0.0.1", port), 10), server_hostname="flexnet.example")
request = [
    f"GET {path} HTTP/1.1", "Host: flexnet.example", f"Authorization: Bearer {os.environ['TOKEN']}",
    "Connection: Upgrade", "Upgrade: connect-udp", "Capsule-Protocol: ?1", "", "",
]
tls.sendall("\r\n".join(request).encode())
held = b""


def more():
    global held
    data = tls.recv(65536)
    if not data:
        sys.exit("the gateway closed")
    held += data


def take(count):
    global held
    while len(held) < count:
        more()
    taken, held = held[:count], held[count:]
    return taken


def integer(value, size=None):
    size = size or next(size for size in (1, 2, 4, 8) if value < 1 << (8 * size - 2))
    return ((size.bit_length() - 1) << (8 * size - 2) | value).to_bytes(size, "big")


def read_integer():
    first = take(1)
    size = 1 << (first[0] >> 6)
    return int.from_bytes(first + take(size - 1), "big") & ((1 << (8 * size - 2)) - 1)


while b"\r\n\r\n" not in held:
    more()
head, held = held.split(b"\r\n\r\n", 1)
status = head.split()[1].decode()
rng = random.Random(1)
sent = []
for number in range(40):
    datagram = rng.randbytes(rng.choice((1, 32, 61, 62, 63, 148, 1200, 1452, 9000)))
    sent.append(datagram)
    # Integers of any length, and capsules and contexts that nobody knows, in pieces.
    size = rng.choice((None, 4, 8))
    stream = integer(0, rng.choice((1, 2))) + integer(1 + len(datagram), size) + integer(0) + datagram
    stream += integer(0x17 + 0x29 * number) + integer(3) + b"xyz" + integer(0) + integer(2) + integer(2) + b"z"
    middle = rng.randrange(len(stream))
    tls.sendall(stream[:middle])
    tls.sendall(stream[middle:])
    while True:
        kind, value = read_integer(), take(read_integer())
        if kind == 0:
            break
    if value != b"\0" + datagram:
        sys.exit(f"datagram {number} came back as {value[:20].hex()}")
print(f"{status}, {len(sent)} datagrams came back as they went")
