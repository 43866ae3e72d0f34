import type { Verb } from '#core/rollout/command';
import type { AdminClient } from './admin-client.ts';
import type { Ports } from './ports.ts';
import type { Environment } from './settings.ts';

/** What a verb is told with. */
export interface Wish {
  readonly version?: string | undefined;
  readonly toRevision?: number | undefined;
  readonly force?: true | undefined;
  readonly reason?: string | undefined;
}

/** Returns who says so, where the environment knows it. */
export function userOf({ USER: user = '' }: Environment): { readonly user?: string } {
  return /^[\w.@-]{1,64}$/.test(user) ? { user } : {};
}

/** Tells a rollout something and prints what came of it. */
export async function tell(
  client: AdminClient,
  verb: Verb,
  route: string,
  wish: Wish,
  { terminal, env }: Ports,
): Promise<void> {
  const path = `/api/v1/routes/${encodeURIComponent(route)}/actions/${verb}`;
  const body = { ...wish, ...userOf(env) };
  const { message, revision } = await client.post(path, body);
  terminal.out(`${message} (revision ${revision})\n`);
}
