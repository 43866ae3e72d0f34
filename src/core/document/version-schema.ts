import * as z from 'zod';
import { exactlyOneOf, mustBe } from '#core/conditions/expectation';
import { upstreamUrl } from '#core/routing/upstream-url';
import { headerRules } from './header-edits.ts';
import { name } from './name.ts';
import { serviceSchema } from './service-schema.ts';
import { upstreamTls } from './upstream-tls.ts';
import { weight } from './whole-number.ts';

const states = ['active', 'drain', 'disabled'] as const;
const isState = mustBe('TN2006', `one of ${states.join(', ')}`);

const versionSchema = z
  .strictObject(
    {
      url: upstreamUrl
        .optional()
        .describe('The one endpoint: http://host:port or https://host:port.'),
      urls: z
        .array(upstreamUrl, {
          error: mustBe('TN2001', 'a list of http://host:port or https://host:port'),
        })
        .min(1, { error: mustBe('TN2005', 'a list of at least one endpoint') })
        .optional()
        .describe('Several endpoints of this version.'),
      service: serviceSchema
        .optional()
        .describe('A Kubernetes Service, whose ready endpoints are those of this version.'),
      weight: weight
        .optional()
        .describe('Its part of the split beside the others; default 1. 0: none by split.'),
      state: z
        .enum(states, { error: isState })
        .optional()
        .describe('active (default); drain: its people finish, nobody new; disabled: nothing.'),
      slot: name
        .optional()
        .describe('Default its name. With the slot of another version it inherits its people.'),
      headers: headerRules.optional().describe('Edits after those of the route.'),
      tls: upstreamTls
        .optional()
        .describe('To its https endpoints, in place of that of the route.'),
    },
    { error: mustBe('TN2001', 'a mapping such as {url: "http://shop-v1:8080"}') },
  )
  .superRefine(exactlyOneOf('url', 'urls', 'service'));

/** The versions of a route by their names, in document order. */
export const versionsSchema = z
  .record(name, versionSchema, {
    error: mustBe('TN2001', 'a mapping of version names to versions'),
  })
  .refine((versions) => Object.keys(versions).length > 0, {
    error: mustBe('TN2005', 'a mapping of at least one version'),
  });
