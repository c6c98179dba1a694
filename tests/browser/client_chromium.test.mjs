import {test} from 'node:test';

import {testClientIn} from './client_scenarios.mjs';
import {insertOrder} from './support/board_page.mjs';
import {launchChromium} from './support/chromium.mjs';

testClientIn(launchChromium, (here) => {
  test('the network goes and comes back', async () => {
    const {ordercast, context, openTab} = here();
    // Chromium emulates that for pages, not for their workers.
    const tab = await openTab({share: false});
    await context.setOffline(true);
    await tab.until(() => orders.status.phase === 'reconnecting' && orders.status.offline);
    await insertOrder(ordercast);
    await context.setOffline(false);
    await tab.phase('live');
    await tab.equalsTable(ordercast);
  });

  test('a tab that the browser has frozen catches up when it is thawed', async () => {
    const {ordercast, context, openTab} = here();
    for (const share of [true, false]) {
      const tab = await openTab({share});
      const devTools = await tab.devTools(context);
      await devTools.send('Page.setWebLifecycleState', {state: 'frozen'});
      await insertOrder(ordercast);
      await ordercast.sql(`UPDATE orders SET note = 'frozen'`);
      await devTools.send('Page.setWebLifecycleState', {state: 'active'});
      await tab.equalsTable(ordercast);
      await tab.phase('live');
    }
  });
});
