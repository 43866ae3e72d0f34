import * as z from 'zod';
import { parseAddress } from '#core/address/parse-address';
import { mustBe, mustHave } from '#core/conditions/expectation';
import { isHostName } from '#core/conditions/host-pattern';
import type { UpstreamTls } from '#core/routing/rules';
import { trueOrFalse } from './true-or-false.ts';

const isFile = mustBe('TN2026', 'the name of a file');
const fileName = z.string({ error: isFile }).regex(/^[^\p{Cc}\p{Cs}]{1,1024}$/u, { error: isFile });
// RFC 6066 section 3: no addresses.
const isServerName = mustBe('TN2015', 'a host name such as shop.example.com, not an address');
const serverName = z
  .string({ error: isServerName })
  .refine((text) => isHostName(text) && !text.startsWith('[') && parseAddress(text) === undefined, {
    error: isServerName,
  })
  .transform((text) => text.toLowerCase());

/** How https endpoints are spoken to, beyond what holds anyway. */
export const upstreamTls = z
  .strictObject(
    {
      ca: fileName.optional().describe('File of the authorities that are believed instead, PEM.'),
      cert: fileName.optional().describe('File of the certificate that is shown, PEM.'),
      key: fileName.optional().describe('File of its private key, PEM.'),
      serverName: serverName
        .optional()
        .describe('The name asked for and verified; default the host of the endpoint.'),
      verify: trueOrFalse
        .optional()
        .describe('Whether chain and name of the certificate are checked; default true.'),
    },
    { error: mustBe('TN2001', 'a mapping of ca, cert, key, serverName, verify') },
  )
  .refine((rule) => Object.keys(rule).length > 0, {
    error: mustHave('TN2003', 'at least one of ca, cert, key, serverName, verify'),
  })
  .refine((rule) => 'cert' in rule === 'key' in rule, {
    error: mustHave('TN2003', 'cert and key together'),
  })
  .transform(
    ({ ca, cert, key, serverName: server, verify = true }): UpstreamTls => ({
      ca,
      cert,
      key,
      serverName: server,
      verify,
    }),
  );
