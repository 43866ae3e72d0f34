import * as z from 'zod';
import { mustBe } from '#core/conditions/expectation';
import { hostPattern } from '#core/conditions/host-pattern';
import { duration } from './duration.ts';
import { filterSchema } from './filter-schema.ts';
import { matchSchema } from './matches.ts';
import { maybe } from './maybe.ts';
import { objectName } from './object-name.ts';
import { objectReference } from './object-reference.ts';
import { servicesSchema } from './services.ts';

const text = z.string({ error: mustBe('TN2001', 'text') });
const filters = maybe(z.array(filterSchema, { error: mustBe('TN2001', 'a list of filters') }));

const isWeight = mustBe('TN2010', 'a whole number from 0 to 1000000');
const backendRef = z.strictObject(
  {
    ...objectReference,
    weight: maybe(
      z
        .number({ error: isWeight })
        .int({ error: isWeight })
        .min(0, { error: isWeight })
        .max(1_000_000, { error: isWeight }),
    ),
    filters,
  },
  { error: mustBe('TN2001', 'a mapping such as {name: shop, port: 8080}') },
);
export type BackendRef = z.output<typeof backendRef>;

const timeouts = z.strictObject(
  { request: maybe(duration), backendRequest: maybe(duration) },
  { error: mustBe('TN2001', 'a mapping of request, backendRequest') },
);

const isAttempts = mustBe('TN2010', 'a whole number from 0 to 5');
const isCode = mustBe('TN2010', '429 or a whole number from 500 to 599');
const retry = z.strictObject(
  {
    codes: maybe(
      z.array(
        z
          .number({ error: isCode })
          .refine((code) => code === 429 || (Number.isInteger(code) && code >= 500 && code < 600), {
            error: isCode,
          }),
        { error: mustBe('TN2001', 'a list of statuses') },
      ),
    ),
    attempts: maybe(
      z
        .number({ error: isAttempts })
        .int({ error: isAttempts })
        .min(0, { error: isAttempts })
        .max(5, { error: isAttempts }),
    ),
    backoff: z.unknown().optional(),
  },
  { error: mustBe('TN2001', 'a mapping of codes, attempts') },
);

const ruleSchema = z.strictObject(
  {
    name: maybe(objectName),
    matches: maybe(z.array(matchSchema, { error: mustBe('TN2001', 'a list of matches') })),
    filters,
    backendRefs: maybe(z.array(backendRef, { error: mustBe('TN2001', 'a list of backendRefs') })),
    timeouts: maybe(timeouts),
    retry: maybe(retry),
    sessionPersistence: z.unknown().optional(),
  },
  { error: mustBe('TN2001', 'a mapping: a rule') },
);
export type HttpRouteRule = z.output<typeof ruleSchema>;

const isTime = mustBe('TN2034', 'a time such as 2026-01-02T03:04:05Z');
const metadata = z.looseObject(
  {
    name: objectName,
    namespace: maybe(objectName),
    creationTimestamp: maybe(
      text.refine((time) => !Number.isNaN(Date.parse(time)), { error: isTime }),
    ),
  },
  { error: mustBe('TN2001', 'a mapping of name, namespace, …') },
);

export const apiVersions = [
  'gateway.networking.k8s.io/v1',
  'gateway.networking.k8s.io/v1beta1',
] as const;

/** An HTTPRoute as it is written. Who attaches it to what, and its status, are not looked at. */
export const httpRouteSchema = z.strictObject(
  {
    apiVersion: z.enum(apiVersions, {
      error: mustBe('TN2006', `one of ${apiVersions.join(', ')}`),
    }),
    kind: z.literal('HTTPRoute', { error: mustBe('TN2006', 'HTTPRoute') }),
    metadata,
    spec: z.strictObject(
      {
        parentRefs: z.unknown().optional(),
        useDefaultGateways: z.unknown().optional(),
        hostnames: maybe(z.array(hostPattern, { error: mustBe('TN2001', 'a list of host names') })),
        rules: maybe(z.array(ruleSchema, { error: mustBe('TN2001', 'a list of rules') })),
      },
      { error: mustBe('TN2001', 'a mapping of parentRefs, hostnames, rules') },
    ),
    status: z.unknown().optional(),
    services: servicesSchema.optional(),
  },
  { error: mustBe('TN2001', 'a mapping: an HTTPRoute') },
);
export type HttpRoute = z.output<typeof httpRouteSchema>;
