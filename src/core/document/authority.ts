import * as z from 'zod';
import { mustBe } from '#core/conditions/expectation';
import { isHostName } from '#core/conditions/host-pattern';

const isAuthority = mustBe('TN2015', 'a host name, with a port or without');

/** What a `Host` may say; comes out in lower case. */
export const authority = z
  .string({ error: isAuthority })
  .refine((text) => isHostName(text.replace(/:\d{1,5}$/, '')) && !/:(?:0|\d{6,})$/.test(text), {
    error: isAuthority,
  })
  .transform((host) => host.toLowerCase());
