import * as z from 'zod';
import { mustBe } from './expectation.ts';

/** RFC 9110 section 5.6.2: what names of fields and cookies are made of. */
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** The name of a field, in lower case: case does not matter in it. */
export const fieldName = z
  .string({ error: mustBe('TN2001', 'text') })
  .regex(token, { error: mustBe('TN2011', 'the name of a header') })
  .transform((name) => name.toLowerCase());

/** The name of a cookie; case matters in it. */
export const cookieName = z
  .string({ error: mustBe('TN2001', 'text') })
  .regex(token, { error: mustBe('TN2014', 'the name of a cookie') });
