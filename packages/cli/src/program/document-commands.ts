import type { Command } from 'commander'
import type { Io } from '../io.ts'
import { examples, objects, output, project, several, workspace } from './options.ts'

/** Documents of any kind: written, read, compared, deleted. */
export function documentCommands(program: Command, io: Io): void {
  program
    .command('apply')
    .description(
      'Write documents. A component may say `path: ./folder` in the place of its source (helm.chart, kustomize, manifests): the folder is packed and uploaded, and its digest is written instead',
    )
    .addOption(several('-f, --filename <file>', 'File, folder, or - for standard input').makeOptionMandatory())
    .option('-R, --recursive', 'Folders with what is below them')
    .option('--dry-run', 'Check everything, keep nothing')
    .option('--force', 'Take fields over that somebody else set')
    .addOption(project())
    .addOption(output())
    .addHelpText(
      'after',
      examples(['apply -f shop.yaml', 'apply -f deploy/ -R -n shop', 'apply -f - --dry-run < shop.yaml']),
    )
    .action(async (_options, command: Command) =>
      (await import('../commands/apply.ts')).applyFiles(io, command.optsWithGlobals()),
    )
  program
    .command('get')
    .argument('<kind>', 'Application, Project, Workspace, Cluster, Delivery ... or its plural or short name')
    .argument('[name]')
    .description('Print objects')
    .addOption(output())
    .addOption(project())
    .addOption(workspace())
    .addHelpText(
      'after',
      examples(['get applications', 'get application web -n shop -o yaml', 'get projects -w retail']),
    )
    .action(async (kind: string, name: string | undefined, _options, command: Command) =>
      (await import('../commands/get.ts')).getObjects(io, kind, name, command.optsWithGlobals()),
    )
  program
    .command('diff')
    .argument('[app]', 'APP or PROJECT/APP: what its clusters have against what is wanted')
    .description('What an edited application would change, or what the clusters have against what is wanted')
    .addOption(several('-f, --filename <file>', 'Application to try; nothing is written'))
    .option('-R, --recursive', 'Folders with what is below them')
    .addOption(several('-c, --cluster <name>', 'Only this cluster'))
    .addOption(several('--component <name>', 'Only this component'))
    .option('--exit-code', 'End with 3 when something differs')
    .addOption(project())
    .addOption(output())
    .addHelpText('after', examples(['diff -f shop.yaml', 'diff shop/web --cluster east', 'diff shop/web --exit-code']))
    .action(async (app: string | undefined, _options, command: Command) =>
      (await import('../commands/apply.ts')).diff(io, app, command.optsWithGlobals()),
    )
  program
    .command('delete')
    .argument('<kind>')
    .argument('<name>', 'NAME, or PROJECT/APP for an application')
    .description('Delete one object; for an application and a cluster it asks what becomes of delivered objects')
    .addOption(objects())
    .addOption(project())
    .addOption(workspace())
    .addOption(output())
    .addHelpText('after', examples(['delete application shop/web --objects delete', 'delete project shop -w retail']))
    .action(async (kind: string, name: string, _options, command: Command) =>
      (await import('../commands/change.ts')).remove(io, kind, name, command.optsWithGlobals()),
    )
}
