/** Which screen a link is. Total and pure: the service has decided, this only names the picture. */
import type { Link, Session, Settings, State } from '../platform/types';

export type Screen =
  | 'starting' | 'away' | 'first-start' | 'sign-in' | 'halt' | 'identity' | 'confirming' | 'connecting' | 'connected' | 'ends-idle' | 'ends-now' | 'portal-missing'
  | 'reconnecting' | 'ending' | 'ended' | 'locked' | 'maintenance' | 'failed';

/** What the person has done with this window, which the service need not know. */
export interface Shown {
  /** The member wants to use the last entry although the stop card advises a call. */
  lastTry: boolean;
}

export const MAINTENANCE = 'KVF-501';

export function screenOf(link: Link | null, settings: Pick<Settings, 'first_start_done'>, shown: Shown): Screen {
  if (link === null) return 'starting';
  if (link.kind === 'down') return 'away';
  return screenOfState(link.snapshot.state, settings, shown);
}

function screenOfState(state: State, settings: Pick<Settings, 'first_start_done'>, shown: Shown): Screen {
  switch (state.name) {
    case 'signed_out':
      if (state.refused) return state.refused.attempts_left === 1 && !shown.lastTry ? 'halt' : 'sign-in';
      if (state.ended) return 'ended';
      return settings.first_start_done ? 'sign-in' : 'first-start';
    case 'confirming':
      return state.digits === null ? 'identity' : 'confirming';
    case 'signing_in':
    case 'connecting':
      return 'connecting';
    case 'connected':
      return screenOfSession(state.session);
    case 'reconnecting':
      return 'reconnecting';
    case 'ending':
      return 'ending';
    case 'locked':
      return 'locked';
    case 'failed':
      return state.fault.code.startsWith(MAINTENANCE) ? 'maintenance' : 'failed';
  }
}

/** An end that a click puts off, and the last minute of one that nothing does, come before everything else. */
function screenOfSession({ warning, portal_fault }: Session): Screen {
  if (warning?.reason === 'idle') return 'ends-idle';
  if (warning?.last_minute) return 'ends-now';
  return portal_fault ? 'portal-missing' : 'connected';
}
