import './format.test';
import './loop.test';
import './past.test';
import './poll.test';
import './samples.test';
import './style.test';
import './verdict.test';
import './words.test';
