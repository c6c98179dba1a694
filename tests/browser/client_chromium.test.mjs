import {testClientIn} from './client_scenarios.mjs';
import {launchChromium} from './support/chromium.mjs';

testClientIn(launchChromium);
