// Which processors a program may use: a browser and what it talks to share none, as if the browser
// ran on another machine. Linux only.

import {execFile} from 'node:child_process';
import {readFile} from 'node:fs/promises';
import {promisify} from 'node:util';

const run = promisify(execFile);

// What `launch` starts gets half of the processors that this process may use; what this process
// starts from then on, and itself, the others. With one processor all share it. Nothing else may be
// started meanwhile.
export async function apart(launch) {
  const all = listed(/^Cpus_allowed_list:\s*(.*)$/m.exec(await readFile('/proc/self/status', 'utf8'))[1]);
  if (all.length < 2) return launch();
  const half = all.length >> 1;
  await stayOn(all.slice(half));
  try {
    return await launch();
  } finally {
    await stayOn(all.slice(0, half));
  }
}

// Of the main thread, which starts children, and of those that come.
function stayOn(processors) {
  return run('taskset', ['--cpu-list', '--pid', processors.join(), String(process.pid)]);
}

// Of "0-3,8": cpuset(7), the list format.
function listed(text) {
  return text.split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number);
    return Array.from({length: last - first + 1}, (_, i) => first + i);
  });
}
