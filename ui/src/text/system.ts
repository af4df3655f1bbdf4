/** The operating system as one reads it. The program says `linux x86_64`. */
const NAMES: Record<string, string> = { linux: 'Linux', macos: 'macOS', windows: 'Windows' };

export function systemName(system: string): string {
  const [name = '', ...rest] = system.split(' ');
  const known = NAMES[name] ?? name;
  return rest.length > 0 ? `${known} (${rest.join(' ')})` : known;
}
