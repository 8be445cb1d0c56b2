import { type Command, Option } from 'commander'
import type { GetOptions } from '../commands/get.ts'
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
    .argument(
      '<kind>',
      'Application, Project, Workspace, Cluster, Delivery ... or its plural or short name; of all clusters: pods, deployments, statefulsets, daemonsets, jobs, cronjobs, nodes, services, events',
    )
    .argument('[name]')
    .description("Print objects: Flotilla's own, or those of all clusters that you may see")
    .addOption(output().choices(['table', 'wide', 'json', 'yaml']))
    .addOption(
      new Option('-n, --project <name>', 'Project (or FLOTILLA_PROJECT); for pods and the like their namespace'),
    )
    .addOption(workspace())
    .addOption(several('-c, --cluster <name>', 'Pods and the like: only of this cluster'))
    .option('-l, --selector <labels>', 'Pods and the like: only with these labels (app=web,tier in (a,b),!old)')
    .option('--sort <column>', 'Pods and the like: by this column, with - before it the other way round')
    .option('--limit <number>', 'Pods and the like: print at most so many (500)')
    .addHelpText(
      'after',
      examples([
        'get applications',
        'get application web -n shop -o yaml',
        'get projects -w retail',
        'get pods -l app=web --sort -created',
        'get nodes -c east -o wide',
        'get events -n shop --limit 20',
      ]),
    )
    .action(async (kind: string, name: string | undefined, _options, command: Command) => {
      const { getResources, resourceNamed } = await import('../commands/get-resources.ts')
      const resource = resourceNamed(kind)
      if (resource !== undefined) return await getResources(io, resource, name, command.optsWithGlobals())
      const options: GetOptions = command.optsWithGlobals()
      const { getObjects } = await import('../commands/get.ts')
      return await getObjects(io, kind, name, options)
    })
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
