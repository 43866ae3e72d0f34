import * as z from 'zod';
import { exactlyOneOf, mustBe } from '#core/conditions/expectation';
import { whenSchema } from '#core/conditions/registry';
import type { AudienceRule } from '#core/routing/rules';
import { name } from './name.ts';
import { weight } from './whole-number.ts';

const split = z
  .record(name, weight, { error: mustBe('TN2001', 'a mapping of version names to weights') })
  .refine((weights) => Object.keys(weights).length > 0, {
    error: mustBe('TN2005', 'a mapping of at least one version'),
  });

/** People who get a version, or a split of their own, before the weights of the route. */
export const audienceSchema = z
  .strictObject(
    {
      name: name.describe('Unique in the route: it stands in logs and metrics.'),
      when: whenSchema.describe('Who belongs to it.'),
      version: name.optional().describe('The version all of them get.'),
      split: split.optional().describe('Weights by version, in place of those of the route.'),
    },
    { error: mustBe('TN2001', 'a mapping of name, when and version or split') },
  )
  .superRefine(exactlyOneOf('version', 'split'))
  .transform(
    ({ name: audience, when, version, split: weights = {} }): AudienceRule => ({
      name: audience,
      when,
      to:
        version === undefined
          ? { kind: 'split', weights: new Map(Object.entries(weights)) }
          : { kind: 'version', version },
    }),
  );
