/**
 * The constant `__provider` text of a resource: the host evaluates it and calls `handler()` for the provider. It is
 * stored in every resource's state, and refresh and destroy evaluate what is stored there, however old: so it only
 * loads the package that is installed now, says what to do when there is none, and never needs to change.
 */
export function providerText(module: string, member: string): string {
  const load = `return require('${module}').${member}`;
  const explain = "e.message='Run npm install in '+process.cwd()+': '+e.message;e.stack='';throw e";
  return `exports.handler=()=>{try{${load}}catch(e){${explain}}}`;
}
