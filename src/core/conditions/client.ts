import * as z from 'zod';
import { cidrSet } from '#core/address/cidr-set';
import { isCidr } from '#core/address/parse-cidr';
import { mustBe } from './expectation.ts';
import { oneOrMore } from './one-or-more.ts';
import type { Part } from './part.ts';
import { quotedBytes } from './quoted.ts';

const isBlock = mustBe('TN2018', 'an address or a block of addresses such as 10.0.0.0/8');

/** An address, or a block of them. */
export const cidrText = z.string({ error: isBlock }).refine(isCidr, { error: isBlock });

/** The client's address, after the trusted-proxy rule. */
export const client: Part<readonly string[]> = {
  schema: oneOrMore(cidrText, isBlock),
  compile: (list) => {
    const holds = cidrSet(list);
    return (facts) => holds(facts.client);
  },
  explain: (list, facts) => [
    {
      part: 'client',
      holds: client.compile(list)(facts),
      seen: /^[\w.:]{1,45}$/.test(facts.client)
        ? `client ${facts.client}`
        : `client ${quotedBytes(facts.client)}`,
    },
  ],
};
