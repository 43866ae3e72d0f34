// A process that carries traffic for a primary, which starts it.
import { work } from './edge/worker.ts';

work();
