import * as z from 'zod';
import { mustBe } from '#core/conditions/expectation';
import { duration } from './duration.ts';
import { sizeOrOff } from './size.ts';
import { wholeNumber } from './whole-number.ts';

const most = 1_000_000;

/** What one version may have at once. */
export const limitsSchema = z.strictObject(
  {
    connections: wholeNumber(1, most)
      .optional()
      .describe('Open to the endpoints of a version; default 1024.'),
    inFlight: wholeNumber(1, most).optional().describe('Requests with a version; default 1024.'),
    waiting: wholeNumber(0, most)
      .optional()
      .describe('Requests that wait for a connection; default 1024.'),
    wait: duration.optional().describe('How long one of them waits; default 1s.'),
    body: sizeOrOff('1B', '1024GiB')
      .optional()
      .describe('The longest body of a request; default off.'),
  },
  { error: mustBe('TN2001', 'a mapping of connections, inFlight, waiting, wait, body') },
);
