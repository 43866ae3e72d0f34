import * as z from 'zod';
import { mustBe } from '#core/conditions/expectation';

const isName = mustBe(
  'TN2007',
  'a name of up to 253 lower-case letters, digits, "-" and "." as Kubernetes has them',
);

/** The name of an object, of its namespace or of a rule (RFC 1123): it stands in URLs and headers. */
export const objectName = z
  .string({ error: isName })
  .regex(/^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/, { error: isName });
