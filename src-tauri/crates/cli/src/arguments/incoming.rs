//! What comes in, from files and from live servers, and what goes out.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Json;

/// A live server, in place of files and the store.
#[derive(Debug, Clone, Args)]
pub(crate) struct Server {
    /// A live Coflux server: host, host:port, or http(s)://host:port. The token for it is that of the
    /// environment variable `HINDCAST_TOKEN`, else the one that `hindcast servers login` kept in the
    /// keyring.
    #[arg(long = "server", value_name = "URL")]
    pub(crate) address: Option<String>,
    /// The server's project, where it has several [default: the one logged in to].
    #[arg(long = "server-project", value_name = "ID", requires = "address")]
    pub(crate) project: Option<String>,
    /// The server's workspace to see runs from.
    #[arg(long, value_name = "NAME", requires = "address")]
    pub(crate) workspace: Option<String>,
}

/// `hindcast import`
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// Files and folders; with --server, run ids. The runs they spawned come along.
    #[arg(value_name = "PATH|RUN", required_unless_present = "blobs")]
    pub(crate) what: Vec<PathBuf>,
    /// A folder of blobs to take values from.
    #[arg(long, value_name = "DIR", conflicts_with = "address")]
    pub(crate) blobs: Vec<PathBuf>,
    /// The name of the environment, where the files do not tell [default: production].
    #[arg(long = "as", value_name = "ENV", conflicts_with = "address")]
    pub(crate) environment: Option<String>,
    /// Import only this run and those it spawned, of all that the files hold.
    #[arg(long, value_name = "RUN", conflicts_with_all = ["address", "all"])]
    pub(crate) only: Vec<String>,
    /// Import all runs that the files hold, without asking (which is done on a terminal only).
    #[arg(long, conflicts_with = "address")]
    pub(crate) all: bool,
    /// Say what the files hold, and import nothing.
    #[arg(long, conflicts_with_all = ["address", "only", "all"])]
    pub(crate) list: bool,
    #[command(flatten)]
    pub(crate) server: Server,
    #[command(flatten)]
    pub(crate) json: Json,
}

/// `hindcast runs`
#[derive(Debug, Args)]
pub(crate) struct Runs {
    #[command(flatten)]
    pub(crate) server: Server,
    /// Only what has this text in its name, and the run of this id; on a server.
    #[arg(long, value_name = "TEXT", requires = "workspace")]
    pub(crate) search: Option<String>,
    #[command(flatten)]
    pub(crate) json: Json,
}

/// `hindcast export`
#[derive(Debug, Args)]
pub(crate) struct Export {
    /// Run ids. The runs they spawned go with them.
    #[arg(value_name = "RUN", required = true)]
    pub(crate) runs: Vec<String>,
    /// The file to write.
    #[arg(short, long, value_name = "FILE.hindcast")]
    pub(crate) output: PathBuf,
    /// Replace values by placeholders of the same shape: those under a name that this pattern fits
    /// (`email`, `*token*`), and texts and numbers that it fits as a whole (`*@*`). `*` stands for
    /// any text; case does not count.
    #[arg(long, value_name = "PATTERN", num_args = 1..)]
    pub(crate) redact: Vec<String>,
    #[command(flatten)]
    pub(crate) server: Server,
    #[command(flatten)]
    pub(crate) json: Json,
}

/// `hindcast servers`
#[derive(Debug, Args)]
pub(crate) struct Servers {
    #[command(subcommand)]
    pub(crate) command: ServersCommand,
}

/// What to do with servers.
#[derive(Debug, Subcommand)]
pub(crate) enum ServersCommand {
    /// List the servers that were connected to.
    List(Json),
    /// Keep a token in the system's keyring, if the server accepts it. It is asked for, or read from
    /// standard input; never given on the command line, which others can see.
    Login {
        /// Host, host:port, or http(s)://host:port.
        address: String,
        /// The project, where the server has several.
        #[arg(long = "server-project", value_name = "ID")]
        project: Option<String>,
        #[command(flatten)]
        json: Json,
    },
    /// Take a server's token out of the keyring, and the server out of the list.
    Logout {
        /// Host, host:port, or http(s)://host:port.
        address: String,
        /// The project.
        #[arg(long = "server-project", value_name = "ID")]
        project: Option<String>,
    },
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use crate::arguments::{Arguments, Command};

    #[test]
    fn patterns_stand_apart_from_runs() {
        let line = "hindcast export R1 R2 --redact email *@* -o a.hindcast";
        let arguments = Arguments::try_parse_from(line.split(' ')).unwrap();
        let Some(Command::Export(export)) = arguments.command else { panic!("an export") };
        assert_eq!((export.runs.len(), export.redact.len()), (2, 2));
    }

    #[test]
    fn what_is_of_a_server_needs_one() {
        for line in [
            "hindcast runs --workspace production",
            "hindcast runs --server localhost --search x",
            "hindcast import --server localhost --workspace production R1 --as other",
            "hindcast export R1 --server-project x -o a",
        ] {
            assert!(Arguments::try_parse_from(line.split(' ')).is_err(), "{line}");
        }
    }
}
