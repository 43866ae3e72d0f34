import * as z from 'zod';
import { mustBe } from '#core/conditions/expectation';

// Kubernetes' own: RFC 1123 labels for namespaces, Services (RFC 1035 where they are older) and ports.
const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

function objectName(what: string) {
  const error = mustBe('TN2040', `the name of a ${what}: up to 63 of a-z, 0-9 and "-"`);
  return z.string({ error }).regex(label, { error });
}

const isPort = mustBe(
  'TN2041',
  'a port of the Service: its number from 1 to 65535, or its name such as http',
);

const servicePort = z.union(
  [
    z
      .number({ error: isPort })
      .int({ error: isPort })
      .min(1, { error: isPort })
      .max(65_535, { error: isPort }),
    z
      .string({ error: isPort })
      .refine((text) => label.test(text) && /[a-z]/.test(text), { error: isPort }),
  ],
  { error: isPort },
);

const part = '[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?';
const prefix = '[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?';
const isLabelKey = mustBe('TN2042', 'the key of a label such as version or example.com/version');
const isLabelValue = mustBe(
  'TN2043',
  'the value of a label: up to 63 letters, digits, ".", "_" and "-", a letter or digit first and last',
);

/** `version`, `app.kubernetes.io/version`. */
const labelKey = z
  .string({ error: isLabelKey })
  .regex(new RegExp(`^(?:${prefix}/)?${part}$`), { error: isLabelKey });

const labelValue = z
  .string({ error: isLabelValue })
  .regex(new RegExp(`^${part}$`), { error: isLabelValue });

const isProtocol = mustBe('TN2006', 'http or https');

/** Where the endpoints of a version come from in a cluster. */
export const serviceSchema = z.strictObject(
  {
    name: objectName('Service').describe('Name of the Kubernetes Service.'),
    port: servicePort.describe('A port of the Service, by number or by name.'),
    namespace: objectName('namespace').optional().describe('Default that of Turnout itself.'),
    protocol: z
      .enum(['http', 'https'], { error: isProtocol })
      .optional()
      .describe('How its pods are spoken to; default http.'),
    label: labelValue
      .optional()
      .describe("What versionFrom looks for at this version's pods; default its name."),
  },
  { error: mustBe('TN2001', 'a mapping such as {name: shop-v1, port: 8080}') },
);

export type WrittenService = z.output<typeof serviceSchema>;

/** What tells the pods of one Service apart. */
export const versionFromSchema = z.strictObject(
  { podLabel: labelKey.describe('Label of pods whose value is the version.') },
  { error: mustBe('TN2001', 'a mapping such as {podLabel: version}') },
);
