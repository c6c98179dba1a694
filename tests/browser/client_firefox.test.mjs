import {testClientIn} from './client_scenarios.mjs';
import {launchFirefox} from './support/firefox.mjs';

testClientIn(launchFirefox);
