/** What can be said about an entry while it is still in the window. Advice only: the service checks and decides. */
export type TanTrouble = { kind: 'digits' } | { kind: 'short'; missing: number } | { kind: 'long' };

const SHORTEST = 6;
const LONGEST = 8;

/** The digits of a TAN as it was typed or pasted. */
export function tanDigits(typed: string): string {
  return typed.replace(/\s/g, '');
}

export function tanTrouble(typed: string): TanTrouble | null {
  const tan = tanDigits(typed);
  if (!/^\d*$/.test(tan)) return { kind: 'digits' };
  if (tan.length < SHORTEST) return { kind: 'short', missing: SHORTEST - tan.length };
  return tan.length > LONGEST ? { kind: 'long' } : null;
}

/** Nine digits are the number of a doctor or a practice (LANR, BSNR), hardly the name of „meine KVid“. */
export function looksLikeDoctorNumber(username: string): boolean {
  return /^\d{9}$/.test(username.trim());
}

export type EntryField = 'username' | 'password' | 'tan';

/** Where the cursor belongs: the first field that is empty, else the last. */
export function firstEmpty(fields: [EntryField, string][]): EntryField {
  return fields.find(([, value]) => value.trim() === '')?.[0] ?? 'tan';
}
