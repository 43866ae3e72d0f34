import * as z from 'zod';
import { mustBe } from '#core/conditions/expectation';

const isRange = mustBe('TN2030', 'a status such as 201, or a range of them such as 200-299');
const written = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/;

/** Statuses of answers: `201`, or `200-299`. */
export const statusRange = z
  .union([z.number({ error: isRange }), z.string({ error: isRange })], { error: isRange })
  .transform((value, context): readonly [from: number, to: number] => {
    const [, from = '', to = from] = written.exec(String(value)) ?? [];
    if (from !== '' && from <= to) return [Number(from), Number(to)];
    context.addIssue({ code: 'custom', message: isRange });
    return z.NEVER;
  });
