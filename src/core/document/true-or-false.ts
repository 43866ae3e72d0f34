import * as z from 'zod';
import { mustBe } from '#core/conditions/expectation';

export const trueOrFalse = z.boolean({ error: mustBe('TN2001', 'true or false') });
