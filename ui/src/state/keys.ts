/** The keys that hold in every screen. Fields, menus and dialogs take theirs first. */
export type Action = 'help' | 'diagnose' | 'search' | 'read' | 'dismiss' | 'back' | 'quit' | 'primary';

type Pressed = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey' | 'target'>;

export function actionOf(event: Pressed): Action | null {
  const { ctrlKey, metaKey, altKey, shiftKey } = event;
  const command = ctrlKey || metaKey;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (key === 'F1') return 'help';
  if (key === 'F2') return 'diagnose';
  if (key === 'Escape') return 'dismiss';
  if ((altKey && key === 'ArrowLeft') || (metaKey && key === '[')) return 'back';
  if (command && shiftKey && key === 'q') return 'quit';
  if (command && key === 'l') return 'read';
  if (command && key === 'f') return 'search';
  if (command || altKey) return null;
  if (key === '/' && !isField(event.target)) return 'search';
  return key === 'Enter' && !isControl(event.target) ? 'primary' : null;
}

function isField(target: EventTarget | null): boolean {
  return target instanceof Element && target.matches('input, textarea, select');
}

/** What does something of its own on Enter. */
function isControl(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('a, button, input, select, textarea, summary, [role=menuitem]') !== null;
}
