import { type Command, type Verb, verbs } from '#core/rollout/command';
import { isLine } from './answers.ts';

/** What a body may say: by key, which verbs listen to it. */
const keys: Readonly<Record<string, readonly Verb[]>> = {
  version: ['switch', 'disable', 'enable'],
  toRevision: ['undo'],
  force: ['promote', 'switch'],
  reason: verbs,
  user: verbs,
};
const withVersion: readonly Verb[] = ['switch', 'disable', 'enable'];

export type ReadCommand =
  | { readonly command: Command; readonly problem?: never }
  | { readonly command?: never; readonly problem: string };

/** Returns the verb that a path names. */
export function verbOf(text: string): Verb | undefined {
  return verbs.find((verb) => verb === text);
}

/** Returns what a body tells a rollout to do, or the sentence why it cannot be understood. */
export function commandOf(
  verb: Verb,
  route: string,
  body: Readonly<Record<string, unknown>>,
  address: string,
): ReadCommand {
  const problem = keyProblem(verb, body) ?? valueProblem(body) ?? versionProblem(verb, body);
  if (problem !== undefined) return { problem };
  const text = (key: string) => (typeof body[key] === 'string' ? body[key] : undefined);
  const user = text('user');
  return {
    command: {
      verb,
      route,
      version: text('version'),
      toRevision: typeof body.toRevision === 'number' ? body.toRevision : undefined,
      isForced: body.force === true,
      who: user === undefined ? address : `${user} from ${address}`,
      reason: text('reason'),
    },
  };
}

function keyProblem(verb: Verb, body: Readonly<Record<string, unknown>>): string | undefined {
  for (const key of Object.keys(body)) {
    const listening = Object.hasOwn(keys, key) ? keys[key] : undefined;
    if (listening === undefined) return `unknown key "${key.slice(0, 40)}"`;
    if (!listening.includes(verb)) return `"${key}" says nothing to ${verb}`;
  }
  return undefined;
}

const values: Readonly<
  Record<string, { readonly must: string; readonly isGood: (value: unknown) => boolean }>
> = {
  version: { must: 'the name of a version', isGood: (value) => isLine(value, 63) },
  toRevision: {
    must: 'the number of a revision',
    isGood: (value) => Number.isSafeInteger(value) && Number(value) > 0,
  },
  force: { must: 'true or false', isGood: (value) => typeof value === 'boolean' },
  reason: { must: 'a text of one line, up to 500 characters', isGood: (one) => isLine(one, 500) },
  user: { must: 'a name of up to 64 characters', isGood: (value) => isLine(value, 64) },
};

function valueProblem(body: Readonly<Record<string, unknown>>): string | undefined {
  for (const [key, { must, isGood }] of Object.entries(values)) {
    if (Object.hasOwn(body, key) && !isGood(body[key])) return `"${key}" must be ${must}`;
  }
  return undefined;
}

function versionProblem(verb: Verb, body: Readonly<Record<string, unknown>>): string | undefined {
  const needs = withVersion.includes(verb) && !Object.hasOwn(body, 'version');
  return needs ? `${verb} needs a "version"` : undefined;
}
