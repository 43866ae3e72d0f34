import type { RouteStatus } from '#core/rollout/status';
import type { AdminClient } from './admin-client.ts';
import { dated } from './dated.ts';

/** How a route stands, and the same as the API has shown it. */
export interface ShownStatus {
  readonly status: RouteStatus;
  readonly json: unknown;
}

/** Returns how all routes stand, or one of them. */
export async function routeStatuses(
  client: AdminClient,
  route: string | undefined,
): Promise<readonly ShownStatus[]> {
  if (route !== undefined) {
    return [shown(await client.get(`/api/v1/status/${encodeURIComponent(route)}`))];
  }
  const { routes } = await client.get('/api/v1/status');
  return Array.isArray(routes) ? routes.map(shown) : [];
}

function shown(json: unknown): ShownStatus {
  // The API is a contract: its status is this type, with instants as text.
  return { status: dated(json) as RouteStatus, json };
}
