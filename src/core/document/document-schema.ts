import * as z from 'zod';
import { exactlyOneOf, mustBe } from '#core/conditions/expectation';
import { whenSchema } from '#core/conditions/registry';
import { servicesSchema } from '#core/httproute/services';
import { audienceSchema } from './audience-schema.ts';
import { durationOrOff } from './duration.ts';
import { ejectionSchema } from './ejection-schema.ts';
import { faultSchema } from './fault-schema.ts';
import { headerRules } from './header-edits.ts';
import { healthSchema } from './health-schema.ts';
import { limitsSchema } from './limits-schema.ts';
import { mirrorSchema } from './mirror-schema.ts';
import { name } from './name.ts';
import { retriesSchema } from './retries-schema.ts';
import { redirectSchema, rewriteSchema } from './rewrite-schema.ts';
import { rolloutSchema } from './rollout-schema.ts';
import {
  onUnavailableSchema,
  overrideSchema,
  stickySchema,
  timeoutsSchema,
} from './route-parts.ts';
import { versionFromSchema } from './service-schema.ts';
import { unitSchema } from './unit-schema.ts';
import { upstreamTls } from './upstream-tls.ts';
import { versionsSchema } from './version-schema.ts';

const isUpgrade = mustBe('TN2006', 'off or websocket');
const isEncodedSlash = mustBe('TN2006', 'keep or refuse');

/** What a route may say and `defaults` may say for all of them. */
const shared = {
  unit: unitSchema.optional().describe('Where the id of a user is looked for; default [issue].'),
  sticky: stickySchema.optional().describe('Remembers the version in a cookie.'),
  override: overrideSchema.optional().describe('Where a signed or trusted wish may stand.'),
  onUnavailable: onUnavailableSchema
    .optional()
    .describe('When the chosen version has no usable endpoint; default fail.'),
  timeouts: timeoutsSchema.optional().describe('Of one exchange with a version.'),
  headers: headerRules.optional().describe('Edits of request and response headers.'),
  retries: retriesSchema.optional().describe('Sending again what got no answer; default once.'),
  health: healthSchema.optional().describe('Active checks of each endpoint; default none.'),
  ejection: ejectionSchema
    .optional()
    .describe('Leaving out an endpoint that fails; default after 5 failures, for 30s.'),
  slowStart: durationOrOff
    .optional()
    .describe('How long a new endpoint gets less than its part; default off.'),
  limits: limitsSchema.optional().describe('What one version may have at once.'),
  tls: upstreamTls.optional().describe('To https endpoints.'),
  upgrade: z
    .enum(['off', 'websocket'], { error: isUpgrade })
    .optional()
    .describe('Which upgrades pass; default websocket.'),
  encodedSlash: z
    .enum(['keep', 'refuse'], { error: isEncodedSlash })
    .optional()
    .describe('What becomes of paths with %2F or %5C; default keep.'),
  versionFrom: versionFromSchema
    .optional()
    .describe('Which pods of a service are those of which version; default all of them.'),
  rollout: rolloutSchema.optional().describe('How traffic goes from one version to another.'),
};

const isSalt = mustBe('TN2022', 'text of 1 to 256 characters');

export const routeSchema = z
  .strictObject(
    {
      name: name.describe('Unique; the label of its metrics.'),
      match: whenSchema.optional().describe('Which requests this route takes; absent: all.'),
      versions: versionsSchema.optional().describe('The versions by name.'),
      audiences: z
        .array(audienceSchema, { error: mustBe('TN2001', 'a list of audiences') })
        .optional()
        .describe('Before the weights; the first that holds wins.'),
      salt: z
        .string({ error: isSalt })
        .min(1, { error: isSalt })
        .max(256, { error: isSalt })
        .optional()
        .describe("Makes this split independent of others; default the route's name."),
      ...shared,
      rewrite: rewriteSchema.optional().describe('How the version sees path and host.'),
      mirror: mirrorSchema.optional().describe('Copies of requests to another version.'),
      fault: faultSchema.optional().describe('Trouble made on purpose, for rehearsals.'),
      redirect: redirectSchema.optional().describe('Answers with another place; no versions then.'),
    },
    { error: mustBe('TN2001', 'a mapping: a route') },
  )
  .superRefine(exactlyOneOf('versions', 'redirect'));
export type WrittenRoute = z.output<typeof routeSchema>;

export const defaultsSchema = z
  .strictObject(shared, { error: mustBe('TN2001', 'a mapping of what holds for all routes') })
  .describe(
    'For all routes. What a route says itself counts instead; timeouts and limits one by one.',
  );
export type WrittenDefaults = z.output<typeof defaultsSchema>;

export const documentSchema = z.strictObject(
  {
    apiVersion: z.literal('turnout/v1', { error: mustBe('TN2006', 'turnout/v1') }),
    defaults: defaultsSchema.optional(),
    services: servicesSchema
      .optional()
      .describe('Where the backends of HTTPRoutes in the same text are; default in the cluster.'),
    routes: z
      .array(routeSchema, { error: mustBe('TN2001', 'a list of routes') })
      .min(1, { error: mustBe('TN2005', 'a list of at least one route') })
      .optional()
      .describe('The first whose match holds takes the request. Needed, unless HTTPRoutes follow.'),
  },
  { error: mustBe('TN2001', 'a mapping of apiVersion, routes') },
);
