// SPDX-License-Identifier: Apache-2.0

use crate::abi::{Exec, ImpFile, Str, MAX_BATCH, X_TIMED_OUT, X_TRUNCATED};
use crate::{Call, Node, Result, Status};
use std::ptr;
use std::time::Duration;

/// One command in one node.
#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    /// The node's id.
    pub node: String,
    /// The first is looked up in the node's PATH; no shell. They may be logged: hand secrets in by `input`.
    pub arguments: Vec<String>,
    /// `NAME=value`, added to the node's own environment.
    pub environment: Vec<String>,
    /// Of the node; empty is root.
    pub user: String,
    /// What it reads on stdin.
    pub input: Vec<u8>,
    /// It is killed then.
    pub timeout: Duration,
}

impl Command {
    /// A command that may take a minute.
    pub fn new(node: &Node, arguments: impl IntoIterator<Item = impl Into<String>>) -> Command {
        Command {
            node: node.id.clone(),
            arguments: arguments.into_iter().map(Into::into).collect(),
            environment: Vec::new(),
            user: String::new(),
            input: Vec::new(),
            timeout: Duration::from_secs(60),
        }
    }

    /// The same with something to read on stdin.
    pub fn input(mut self, input: impl Into<Vec<u8>>) -> Command {
        self.input = input.into();
        self
    }

    /// The same with another limit.
    pub fn timeout(mut self, timeout: Duration) -> Command {
        self.timeout = timeout;
        self
    }
}

/// How a command ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// 0 … 255; 128 + signal when a signal ended it.
    pub exit_code: i32,
    /// stdout.
    pub output: Vec<u8>,
    /// stderr.
    pub error: Vec<u8>,
    /// There was more output than is kept.
    pub is_truncated: bool,
    /// It was killed because its time was over.
    pub timed_out: bool,
}

impl Outcome {
    /// It ended by itself with 0.
    pub fn succeeded(&self) -> bool {
        self.exit_code == 0 && !self.timed_out
    }

    /// stdout; bytes that are not UTF-8 are replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.output).into_owned()
    }

    /// What it said, for a problem's detail: the end of stderr, else of stdout.
    pub fn complaint(&self) -> String {
        let said = if self.error.is_empty() { &self.output } else { &self.error };
        let end = String::from_utf8_lossy(&said[said.len().saturating_sub(2000)..]);
        if self.timed_out {
            format!("timed out; {end}")
        } else {
            format!("exit code {}; {end}", self.exit_code)
        }
    }
}

/// A file for a node: written aside, then renamed into place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// The node's id.
    pub node: String,
    /// Absolute, without `..`; missing folders are made.
    pub path: String,
    /// At most 4 MiB.
    pub content: Vec<u8>,
    /// Permission bits.
    pub mode: u32,
    /// `user` or `user:group` of the node; empty is root.
    pub owner: String,
}

impl File {
    /// A file of root's.
    pub fn new(node: &Node, path: &str, content: impl Into<Vec<u8>>, mode: u32) -> File {
        File { node: node.id.clone(), path: path.into(), content: content.into(), mode, owner: String::new() }
    }
}

impl Call {
    /// [read] Runs commands at once, on one node or many, and waits for all; outcomes in the same order. A non-zero exit is an outcome, not an error.
    /// Verbs of class `[read]` must only run commands that change nothing.
    ///
    /// `UNAVAILABLE` when a node cannot be reached; nothing is then known of the others either.
    pub fn execute(&self, commands: &[Command]) -> Result<Vec<Outcome>> {
        let mut outcomes = Vec::with_capacity(commands.len());
        for batch in commands.chunks(MAX_BATCH) {
            outcomes.extend(self.execute_batch(batch)?);
        }
        Ok(outcomes)
    }

    /// [read] One command.
    pub fn run(&self, command: &Command) -> Result<Outcome> {
        Ok(self.execute(std::slice::from_ref(command))?.pop().unwrap_or_default())
    }

    fn execute_batch(&self, commands: &[Command]) -> Result<Vec<Outcome>> {
        let mut sinks = Vec::new();
        for _ in 0..commands.len() * 2 {
            match self.take_sink() {
                Ok(sink) => sinks.push(sink),
                Err(problem) => {
                    sinks.into_iter().for_each(|sink| self.give_back(sink));
                    return Err(problem);
                }
            }
        }
        let texts: Vec<(Vec<Str>, Vec<Str>)> =
            commands.iter().map(|command| (command.arguments.iter().map(Str::of).collect(), command.environment.iter().map(Str::of).collect())).collect();
        let mut rows: Vec<Exec> = commands
            .iter()
            .zip(&texts)
            .enumerate()
            .map(|(index, (command, (argv, env)))| Exec {
                struct_size: size_of::<Exec>() as u32,
                flags: 0,
                node: Str::of(&command.node),
                argv: argv.as_ptr(),
                argc: argv.len(),
                env: env.as_ptr(),
                envc: env.len(),
                user: Str::of(&command.user),
                cwd: Str::of(""),
                input: Str::of(&command.input),
                timeout_ms: u32::try_from(command.timeout.as_millis()).unwrap_or(u32::MAX),
                output_limit: 0,
                out: sinks[index * 2],
                err: sinks[index * 2 + 1],
                exit_code: 0,
                result: 0,
            })
            .collect();
        let pointers: Vec<*mut Exec> = rows.iter_mut().map(ptr::from_mut).collect();
        let (host, call) = self.host();
        // SAFETY: rows and what they point to live until the function returns.
        let status = unsafe { (host.node_exec)(call, pointers.as_ptr(), pointers.len()) };
        let outcomes = self.check(status).map(|()| {
            rows.iter()
                .map(|row| Outcome {
                    exit_code: row.exit_code,
                    output: self.sink_bytes(row.out),
                    error: self.sink_bytes(row.err),
                    is_truncated: row.result & X_TRUNCATED != 0,
                    timed_out: row.result & X_TIMED_OUT != 0,
                })
                .collect()
        });
        sinks.into_iter().for_each(|sink| self.give_back(sink));
        outcomes
    }

    /// [write] Puts files into nodes. Not atomic over several.
    pub fn put(&self, files: &[File]) -> Result<()> {
        for batch in files.chunks(MAX_BATCH) {
            let rows: Vec<ImpFile> = batch
                .iter()
                .map(|file| ImpFile {
                    struct_size: size_of::<ImpFile>() as u32,
                    mode: file.mode,
                    node: Str::of(&file.node),
                    path: Str::of(&file.path),
                    owner: Str::of(&file.owner),
                    bytes: Str::of(&file.content),
                })
                .collect();
            let pointers: Vec<*const ImpFile> = rows.iter().map(ptr::from_ref).collect();
            let (host, call) = self.host();
            // SAFETY: rows and what they point to live until the function returns.
            self.check(unsafe { (host.node_put)(call, pointers.as_ptr(), pointers.len()) })?;
        }
        Ok(())
    }

    /// [read] The content of a regular file of at most `limit` bytes; None when there is no such file.
    pub fn get(&self, node: &Node, path: &str, limit: u64) -> Result<Option<Vec<u8>>> {
        let (host, call) = self.host();
        // SAFETY: the texts are copied.
        found(self.answer(|sink| unsafe { (host.node_get)(call, Str::of(&node.id), Str::of(path), limit, sink) }))
    }

    /// [write] Puts an artifact of the call's document under `path`.
    pub fn put_artifact(&self, node: &Node, name: &str, path: &str, mode: u32) -> Result<()> {
        let (host, call) = self.host();
        // SAFETY: the texts are copied.
        self.check(unsafe { (host.node_put_artifact)(call, Str::of(&node.id), Str::of(name), Str::of(path), mode) })
    }
}

/// None for `NOT_FOUND`.
pub(crate) fn found<T>(result: Result<T>) -> Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(problem) if problem.status == Status::NOT_FOUND => Ok(None),
        Err(problem) => Err(problem),
    }
}
