//! How each environment's workers write values.

use hindcast_model::{Encoding, EncodingChoice, EnvironmentId, Numbers};
use rusqlite::OptionalExtension;

use crate::{Result, Store};

impl Store {
    /// How values are written in an environment: as is set for it, else for the nearest of its
    /// ancestors that has it set, else as Coflux does.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn encoding(&self, environment: EnvironmentId) -> Result<Encoding> {
        let environments = self.environments()?;
        let chain = environments.chain(environment).into_iter();
        let chosen = chain.map(|known| self.encoding_choice(known.id));
        Ok(EncodingChoice::resolve(chosen.collect::<Result<Vec<_>>>()?))
    }

    /// What is set for an environment itself.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn encoding_choice(&self, environment: EnvironmentId) -> Result<EncodingChoice> {
        let sql = "SELECT threshold, numbers FROM encodings WHERE environment = ?";
        let chosen = self.connection.prepare_cached(sql)?.query_row([environment.0], |row| {
            let threshold = row.get::<_, Option<u32>>(0)?.map(|bytes| bytes as usize);
            let numbers = row.get::<_, Option<String>>(1)?.map(|word| match word.as_str() {
                "asSent" => Numbers::AsSent,
                _ => Numbers::RoundTrip,
            });
            Ok(EncodingChoice { threshold, numbers })
        });
        Ok(chosen.optional()?.unwrap_or_default())
    }

    /// Sets how values are written in an environment, be it imported or local; what is none is as in
    /// its base. Values that are there already stay as they are.
    ///
    /// # Errors
    /// If there is no such environment, or the store cannot be written.
    pub fn set_encoding(&self, environment: EnvironmentId, choice: EncodingChoice) -> Result<()> {
        self.environment(environment)?;
        let threshold = choice.threshold.map(|bytes| u32::try_from(bytes).unwrap_or(u32::MAX));
        let numbers = choice.numbers.map(|numbers| match numbers {
            Numbers::RoundTrip => "roundTrip",
            Numbers::AsSent => "asSent",
        });
        self.connection.execute(
            "INSERT INTO encodings VALUES (?1, ?2, ?3)
             ON CONFLICT (environment) DO UPDATE
             SET threshold = excluded.threshold, numbers = excluded.numbers",
            (environment.0, threshold, numbers),
        )?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environment_writes_values_as_its_base_does_unless_it_is_set_otherwise() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let make = |name: &str, base| store.create_local(&name.parse().unwrap(), base).unwrap().id;
        let base = make("base", None);
        let own = make("own", Some(base));
        assert_eq!(store.encoding(own).unwrap(), Encoding::default());

        let set = |environment, threshold, numbers| {
            store.set_encoding(environment, EncodingChoice { threshold, numbers }).unwrap();
        };
        set(base, Some(200), Some(Numbers::AsSent));
        set(own, Some(50), None);
        let encoding = Encoding { threshold: 50, numbers: Numbers::AsSent };
        assert_eq!(store.encoding(own).unwrap(), encoding);
        set(own, None, Some(Numbers::RoundTrip));
        let encoding = Encoding { threshold: 200, numbers: Numbers::RoundTrip };
        assert_eq!(store.encoding(own).unwrap(), encoding);
        assert!(store.set_encoding(EnvironmentId(99), EncodingChoice::default()).is_err());
    }
}
