/**
 * The constant `__provider` text of a resource: the host evaluates it and calls `handler()` for the provider. It is
 * stored in every resource's state, so it can never change without a difference for every user: it only loads the
 * package that is installed now, and says what to do when there is none.
 */
export function providerText(module: string, member: string): string {
  const load = `return require('${module}').${member}`;
  const explain = "e.message='Run npm install in '+process.cwd()+': '+e.message;e.stack='';throw e";
  return `exports.handler=()=>{try{${load}}catch(e){${explain}}}`;
}
