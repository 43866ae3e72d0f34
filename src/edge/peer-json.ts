import type { RouteStatus } from '#core/rollout/status';
import type { Told } from '../cluster/hearing.ts';
import type { Introduction } from '../cluster/peers.ts';
import type { TallyIncrement } from '../rollout/increment.ts';
import { incrementJson, readIncrement } from '../rollout/increment-json.ts';
import type { Keeper } from '../rollout/keeper.ts';

/** What replicas say to each other, and how it is read: nothing of it is believed unseen. */

type Fields = ReadonlyMap<string, unknown>;

function fieldsOf(value: unknown, what: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TypeError(`${what} must be an object`);
  }
  return new Map(Object.entries(value));
}

function listIn(fields: Fields, name: string): readonly unknown[] {
  const value = fields.get(name);
  if (!Array.isArray(value)) throw new TypeError(`${name} must be a list`);
  return value;
}

/** A whole number from 0; what is not there is 0. */
export function numberIn(value: unknown, name: string): number {
  if (value === undefined) return 0;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  throw new TypeError(`${name} must be a whole number`);
}

export function textIn(value: unknown, name: string): string {
  if (typeof value === 'string' && value.length <= 1_000) return value;
  throw new TypeError(`${name} must be a text`);
}

/** Returns an answer with what it says of who gives it; the rest of it stays as it is. */
export function introductionIn(value: unknown): Introduction {
  const fields = fieldsOf(value, 'an answer');
  const term = fields.get('term');
  return {
    ...Object.fromEntries(fields),
    replica: textIn(fields.get('replica'), 'replica'),
    epoch: textIn(fields.get('epoch'), 'epoch'),
    hash: textIn(fields.get('hash'), 'hash'),
    weights: numberIn(fields.get('weights'), 'weights'),
    term: term === undefined || term === null ? undefined : numberIn(term, 'term'),
  };
}

/** What a replica is asked for; places in another process are none in this one. */
export function questionIn(value: unknown, epoch: string) {
  const fields = fieldsOf(value, 'the body');
  const isMeant = fields.get('epoch') === epoch;
  return {
    after: isMeant ? numberIn(fields.get('after'), 'after') : 0,
    durable: isMeant ? numberIn(fields.get('durable'), 'durable') : 0,
    waitMs: numberIn(fields.get('waitMs'), 'waitMs'),
  };
}

export function toldJson({ batches, ...told }: Told<TallyIncrement>): object {
  const inJson = batches.map(({ sequence, items }) => ({
    sequence,
    items: items.map(incrementJson),
  }));
  return { ...told, batches: inJson };
}

export function toldIn(introduction: Introduction): Told<TallyIncrement> {
  const fields = fieldsOf(introduction, 'an answer');
  const batches = listIn(fields, 'batches').map((one) => {
    const batch = fieldsOf(one, 'a batch');
    const items = listIn(batch, 'items').map(readIncrement);
    return { sequence: numberIn(batch.get('sequence'), 'sequence'), items };
  });
  const inFlight = listIn(fields, 'inFlight').map((one) => {
    const [route, version, requests] = Array.isArray(one) ? one : [];
    const place = [textIn(route, 'a route'), textIn(version, 'a version')] as const;
    return [...place, numberIn(requests, 'requests')] as const;
  });
  return { ...introduction, batches, inFlight, isUrgent: fields.get('isUrgent') === true };
}

/** Statuses are shown and added up, and decide nothing: they are taken as another replica has them. */
export function statusesIn(introduction: Introduction): readonly RouteStatus[] {
  return listIn(fieldsOf(introduction, 'an answer'), 'routes') as readonly RouteStatus[];
}

/** Returns what the versions of rollouts have under way here. */
export function inFlightOf(
  { entries }: Keeper,
  inFlight: (route: string, version: string) => number,
): Told<unknown>['inFlight'] {
  return [...entries.values()].flatMap(({ routes, rule: { from, to } }) =>
    routes.flatMap((route) =>
      [from, to].map((version) => [route, version, inFlight(route, version)] as const),
    ),
  );
}
