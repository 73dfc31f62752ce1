/** The program `weir`: one verb for each process, and verbs for people. */
import { Command } from 'commander';
import { fatalText } from './fatal.ts';
import { programVersion } from '../config/installation.ts';
import { addCheckVerbs } from './verbs/checks.ts';
import { addDatabaseVerb } from './verbs/db.ts';
import { addProcessVerbs } from './verbs/processes.ts';
import { addPeopleVerbs } from './verbs/people.ts';
import { addRepairVerb } from './verbs/repair.ts';

function program(): Command {
  const weir = new Command('weir')
    .description('Load balancing as a service: the OpenStack Octavia v2 API on durable Temporal workflows.')
    .version(programVersion())
    .showHelpAfterError('(--help shows the options)')
    .helpCommand(false)
    .addHelpText('after', '\nEvery option can also be set in the environment; `weir VERB --help` shows the names.');
  addPeopleVerbs(weir);
  addProcessVerbs(weir);
  addDatabaseVerb(weir);
  addRepairVerb(weir);
  addCheckVerbs(weir);
  return weir;
}

try {
  await program().parseAsync();
} catch (error) {
  const verbose = ['debug', 'trace'].includes(process.env['WEIR_LOG_LEVEL'] ?? '');
  process.stderr.write(`${fatalText(error, verbose)}\n`);
  process.exitCode = 1;
  // Whatever the failed part left open must not keep the process.
  setTimeout(() => process.exit(1), 1_000).unref();
}
