import { test } from 'tap';
import { routeLabel } from '#core/routing/route-label';

for (const { name, label } of [
  { name: 'shop', label: 'shop' },
  { name: 'shop/cart', label: 'shop/cart' },
  { name: 'shop/cart:2', label: 'shop/cart' },
  { name: 'shop/cart#2:12', label: 'shop/cart#2' },
  { name: 'shop/cart#pay:2', label: 'shop/cart#pay' },
  { name: '', label: '' },
]) {
  test(`"${name}" is counted as "${label}"`, async (t) => {
    t.equal(routeLabel(name), label);
  });
}
