import * as z from 'zod';
import { mustBe } from '#core/conditions/expectation';

const isName = mustBe(
  'TN2007',
  'a name of up to 63 letters, digits, ".", "_" and "-" that begins with a letter or digit',
);

/** Name of a route, version or audience: it becomes a label of metrics and stands in cookies. */
export const name = z
  .string({ error: isName })
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, { error: isName });
