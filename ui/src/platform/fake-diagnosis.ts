/** The fake's diagnosis: one check after the other, as the program tells them. */
import { CHECKS, now } from './scenes';
import { Catalogue, faultKey, type Language, plain } from '../text/catalogue';
import type { Diagnosed, Looked, Preview, Verdict } from './types';

const ALL = CHECKS.flatMap(([, checks]) => checks);

/** A check takes a tenth of `pace`; none comes after `halt` of them. */
export function looking(pace: number, halt: number, tell: (looked: Looked) => void): { begin: (run: number) => Promise<boolean>; stop: () => void } {
  let newest = 0;
  let giveUp = (): void => undefined;
  return {
    begin: (run) => {
      giveUp();
      newest += 1;
      const mine = newest;
      return new Promise((resolve) => {
        giveUp = () => { newest += 1; resolve(false); };
        const step = (done: number): void => {
          if (mine !== newest) return;
          if (done > 0) tell(progress(run, done));
          if (done === ALL.length) resolve(true);
          else if (done < halt) setTimeout(() => { step(done + 1); }, pace / 10);
        };
        step(0);
      });
    },
    stop: () => { giveUp(); },
  };
}

export function progress(run: number, done: number): Looked {
  let left = done;
  const way = CHECKS.map(([place, { length: of }]) => {
    const here = Math.min(left, of);
    left -= here;
    return { place, done: here, of };
  });
  return { run, way, next: ALL[done] ?? null };
}

export function lookedAt(run: number, verdict: Verdict): Diagnosed {
  return { run, at: now(), took_ms: 4200, verdict };
}

/** Words that the program has for what was seen, a few of each kind. */
const SEEN: Record<Language, { made: string; sections: [id: string, title: string, note: string, rows: [string, string][]][] }> = {
  de: {
    made: '24. November 2026, 10:20 Uhr',
    sections: [
      ['path', 'Der Weg zum Mitgliederportal', '', [['Dieser PC', 'in Ordnung, 8 von 8 Prüfungen ohne Befund'], ['Weg zu Ihrer KV', 'hier hängt es, 3 von 4 Prüfungen ohne Befund']]],
      ['facts-pc', 'PC', '', [['Betriebssystem', 'Muster-Linux 12, aktualisiert am 11. November 2026'], ['Virenschutz', 'Muster-Schutz 12, aktuell'], ['Name des PCs', '…']]],
      ['facts-network', 'Netz', '', [['Adapter', 'WLAN'], ['Adresse', '… (IPv4, privat)'], ['Antwort des Routers', '2 ms']]],
      ['facts-way', 'Weg zum Gateway', 'Der Name des Ausstellers wird gezeigt: Er verrät, welches Programm die Verbindung öffnet.', [['Aussteller', 'Muster-Schutz Root CA']]],
      ['events', 'Die letzten Ereignisse', 'Nur Wörter unserer eigenen Programme, alles andere ist entfernt.', [['10:19:58', 'Anmeldung begonnen'], ['10:19:59', 'KVF-415-2, nichts gesendet']]],
      ['seal', 'Siegel', '', [['Prüfcode', 'HW77-C9CC'], ['SHA-256', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'], ['Dieser Schlüssel', 'bleibt auf diesem PC']]],
    ],
  },
  en: {
    made: '24 November 2026, 10:20',
    sections: [
      ['path', 'The way to the member portal', '', [['This PC', 'in order, 8 of 8 checks without a finding'], ['Way to your KV', 'it hangs here, 3 of 4 checks without a finding']]],
      ['facts-pc', 'PC', '', [['Operating system', 'Muster-Linux 12, updated on 11 November 2026'], ['Virus scanner', 'Muster-Schutz 12, up to date'], ['Name of the PC', '…']]],
      ['facts-network', 'Network', '', [['Adapter', 'Wi-Fi'], ['Address', '… (IPv4, private)'], ['Answer of the router', '2 ms']]],
      ['facts-way', 'Way to the gateway', 'The issuer’s name is shown: it tells which program opens the connection.', [['Issuer', 'Muster-Schutz Root CA']]],
      ['events', 'The last events', 'Words of our own programs only, everything else is taken out.', [['10:19:58', 'sign-in begun'], ['10:19:59', 'KVF-415-2, nothing sent']]],
      ['seal', 'Seal', '', [['Check code', 'HW77-C9CC'], ['SHA-256', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'], ['This key', 'stays on this PC']]],
    ],
  },
};

export function report(language: Language, { first }: Verdict): Preview {
  const words = new Catalogue(language);
  const text = (part: 'title' | 'what'): string => plain(first === null ? words.get('free-title') : words.get(faultKey(first.code, part), { subject: first.subject ?? '' }));
  const { made, sections } = SEEN[language];
  return {
    language, made, version: '0.1.0', check_code: 'HW77-C9CC',
    lead: { code: first?.code ?? null, title: text('title'), what: first === null ? '' : text('what'), steps: [], cause: '', question: '' },
    sections: sections.map(([id, title, note, rows]) => ({ id, title, note, rows: rows.map(([label, value]) => ({ label, value, removed: value.includes('…') })) })),
  };
}
