import * as z from 'zod';
import { mustBe } from '#core/conditions/expectation';
import type { UnitSource } from '#core/routing/rules';

const written =
  /^(?:issue|header:[!#$%&'*+\-.^_`|~0-9A-Za-z]+|cookie:[!#$%&'*+\-.^_`|~0-9A-Za-z]+|query:[^\s&=#]+)$/;
const isSource = 'header:<name>, cookie:<name>, query:<name> or issue';

function source(expected: string) {
  const error = mustBe('TN2019', expected);
  return z.string({ error }).regex(written, { error }).transform(parse);
}

function parse(text: string): UnitSource {
  const colon = text.indexOf(':');
  const kind = text.slice(0, colon);
  const name = text.slice(colon + 1);
  if (kind === 'header') return { kind, name: name.toLowerCase(), text };
  return kind === 'cookie' || kind === 'query'
    ? { kind, name, text }
    : { kind: 'issue', text: 'issue' };
}

/** Where the id of a user is looked for; the first that is present counts. */
export const unitSchema = z.union(
  [
    z.literal('request'),
    source(`${isSource}, or request`).transform((one): readonly UnitSource[] => [one]),
    z
      .array(source(isSource))
      .min(1, { error: mustBe('TN2005', 'a list of at least one source') })
      .transform((list): readonly UnitSource[] => list),
  ],
  { error: mustBe('TN2019', `${isSource}, a list of them, or request`) },
);
