// A service that says what the test wants, on the local socket: length (u32, big endian) and that many bytes of JSON.
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';

const SOCKET = '/run/kv-flexnet/service.sock';

export const signedOut = { name: 'signed_out', ended: null, refused: null };
export const connecting = { name: 'connecting', step: 'portal' };
export const connected = {
  name: 'connected',
  session: {
    display_name: 'Dr. Martina Muster', started: 1_790_000_000, absolute_end: 1_790_036_000, failures_before: 0,
    last_sign_in: null, round_trip_ms: 24, traffic: [], portal_fault: null,
    idle_end: 1_790_001_800, warning: null, carrier: 'udp',
  },
};

export async function serve(portal, version, state = signedOut) {
  let revision = 1;
  const watching = new Set();
  const asked = [];
  const snapshot = () => ({
    snapshot: {
      revision, version, organisation: 'Muster-KV', portal, state,
      desk: {
        contact: {
          name: 'IT-ServiceDesk', phone: '0231 94 32 99 00', phone_uri: '+4923194329900', time_zone: 'Europe/Berlin',
          holidays: 'none', hours: [],
        },
        status: { is: 'closed', opens: null },
      },
    },
  });

  function answer(client, { id, request }) {
    asked.push(request);
    const reply = typeof request === 'object' && 'hello' in request ? { hello: { version } } : 'accepted';
    send(client, { reply: { id, reply } });
    if (request === 'watch') {
      watching.add(client);
      send(client, snapshot());
    }
    if (request === 'sign_out') publish(signedOut);
  }

  function publish(next) {
    state = next;
    revision += 1;
    for (const client of watching) send(client, snapshot());
  }

  const clients = new Set();
  const server = createServer((client) => {
    clients.add(client);
    let read = Buffer.alloc(0);
    client.on('data', (data) => {
      read = Buffer.concat([read, data]);
      while (read.length >= 4 && read.length >= 4 + read.readUInt32BE()) {
        const end = 4 + read.readUInt32BE();
        answer(client, JSON.parse(read.subarray(4, end).toString()));
        read = read.subarray(end);
      }
    });
    client.on('close', () => { watching.delete(client); });
    client.on('error', () => undefined);
  });
  mkdirSync('/run/kv-flexnet', { recursive: true });
  await new Promise((resolve) => { server.listen(SOCKET, resolve); });
  const close = () => { server.close(); };
  const drop = () => {
    close();
    for (const client of clients) client.destroy();
  };
  return { publish, drop, portal: (url) => { portal = { ...portal, url }; }, asked, watched: () => watching.size > 0, close };
}

function send(client, message) {
  const body = Buffer.from(JSON.stringify(message));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  client.write(Buffer.concat([length, body]));
}
