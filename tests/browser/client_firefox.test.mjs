import {test} from 'node:test';

import {testClientIn} from './client_scenarios.mjs';
import {insertOrder} from './support/board_page.mjs';
import {launchFirefox} from './support/firefox.mjs';

testClientIn(launchFirefox, (here) => {
  test('a hidden tab stays up to date, and so it is when it is shown again', async () => {
    const {ordercast, openTab} = here();
    const tab = await openTab({share: false});
    const other = await openTab();
    await other.show();
    await tab.until(() => document.hidden);
    await insertOrder(ordercast);
    await tab.equalsTable(ordercast);
    await tab.show();
    await tab.until(() => !document.hidden);
    await insertOrder(ordercast);
    await tab.equalsTable(ordercast);
  });
});
