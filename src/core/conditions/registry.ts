import * as z from 'zod';
import { browser } from './browser.ts';
import { client } from './client.ts';
import { all, any, combined, not } from './combine.ts';
import type { Condition, Finding } from './condition.ts';
import { cookie } from './cookie.ts';
import { device } from './device.ts';
import { mustBe, mustHave } from './expectation.ts';
import type { Facts } from './facts.ts';
import { header } from './header.ts';
import { host } from './host.ts';
import { language } from './language.ts';
import { method } from './method.ts';
import { os } from './os.ts';
import type { Part } from './part.ts';
import { path } from './path.ts';
import { query } from './query.ts';
import { scheme } from './scheme.ts';
import { userAgent } from './user-agent.ts';
import type { When } from './when.ts';

type PartKey = Exclude<keyof When, 'all' | 'any' | 'not'>;

/** Every condition, in the order in which they are asked: what costs least and tells most first. */
export const parts: { readonly [Key in PartKey]: Part<NonNullable<When[Key]>> } = {
  host,
  path,
  method,
  scheme,
  header,
  query,
  cookie,
  userAgent,
  device,
  os,
  browser,
  language,
  client,
};
const partKeys = Object.keys(parts) as readonly PartKey[];

const whenList = z.lazy(() =>
  z
    .array(whenSchema, { error: mustBe('TN2001', 'a list of conditions') })
    .min(1, { error: mustBe('TN2005', 'a list of at least one condition') }),
);

/** A condition as it is written. Each part's own file says more. */
export const whenSchema: z.ZodType<When> = z
  .strictObject(
    {
      host: host.schema.optional().describe('Host without port; *.suffix for all below a name.'),
      path: path.schema.optional().describe('Text is a prefix by whole segments.'),
      method: method.schema.optional().describe('GET, POST, …'),
      scheme: scheme.schema.optional().describe('How the client speaks: http or https.'),
      header: header.schema.optional().describe('Tests by the names of header fields.'),
      query: query.schema.optional().describe('Tests by the names of query parameters.'),
      cookie: cookie.schema.optional().describe('Tests by the names of cookies.'),
      userAgent: userAgent.schema.optional().describe('Tests on the User-Agent field.'),
      device: device.schema.optional().describe('By client hints, then by User-Agent.'),
      os: os.schema.optional().describe('Operating system: by client hints, then by User-Agent.'),
      browser: browser.schema.optional().describe('By client hints, then by User-Agent.'),
      language: language.schema.optional().describe('Best of Accept-Language; zh holds for zh-CN.'),
      client: client.schema.optional().describe('Address of the client, or block of addresses.'),
      all: whenList.optional().describe('All of these hold.'),
      any: whenList.optional().describe('One of these holds.'),
      not: z
        .lazy(() => whenSchema)
        .optional()
        .describe('This does not hold.'),
    },
    { error: mustBe('TN2001', 'a mapping of conditions') },
  )
  .refine((when) => Object.keys(when).length > 0, {
    error: mustHave(
      'TN2005',
      'at least one condition',
      'what has no condition holds for every request',
    ),
  })
  .meta({ id: 'when', description: 'A condition: all keys must hold; of a list, any value.' });

/** Returns the condition that a `match` or `when` asks for. */
export function compileWhen(when: When): Condition {
  const conditions = partKeys
    .map((key) => compilePart(key, when))
    .filter((condition) => condition !== undefined);
  if (when.all !== undefined) conditions.push(all(when.all.map(compileWhen)));
  if (when.any !== undefined) conditions.push(any(when.any.map(compileWhen)));
  if (when.not !== undefined) conditions.push(not(compileWhen(when.not)));
  return all(conditions);
}

/** Returns what each part of a condition saw of a request; all are asked, whatever holds. */
export function explainWhen(when: When, facts: Facts): readonly Finding[] {
  const findings = partKeys.flatMap((key) => explainPart(key, when, facts));
  for (const each of when.all ?? []) findings.push(...explainWhen(each, facts));
  if (when.any !== undefined) {
    const holds = any(when.any.map(compileWhen))(facts);
    const seen = when.any.map((each) => explainWhen(each, facts));
    findings.push(combined('any', holds, seen));
  }
  if (when.not !== undefined) {
    const holds = !compileWhen(when.not)(facts);
    findings.push(combined('not', holds, [explainWhen(when.not, facts)]));
  }
  return findings;
}

function compilePart<Key extends PartKey>(key: Key, when: When): Condition | undefined {
  const value = when[key];
  const part: Part<NonNullable<When[Key]>> = parts[key];
  return value === undefined ? undefined : part.compile(value);
}

function explainPart<Key extends PartKey>(key: Key, when: When, facts: Facts): readonly Finding[] {
  const value = when[key];
  const part: Part<NonNullable<When[Key]>> = parts[key];
  return value === undefined ? [] : part.explain(value, facts);
}
