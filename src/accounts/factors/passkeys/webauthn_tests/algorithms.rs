//! Unit tests of `webauthn`: each signature algorithm.

use data_encoding::BASE64;

use super::{CHALLENGE, Device, Key, SITE};
use crate::accounts::factors::passkeys::public_keys::algorithms;
use crate::accounts::factors::passkeys::webauthn::*;

#[test]
fn passkeys_of_each_kind_are_made_and_answer() {
    for new in [Key::es256, Key::eddsa] {
        let mut device = Device::new(new(), "webauthn.create");
        assert_eq!(SITE.made(&CHALLENGE, &device.makes()), Ok(1));
        device.kind = "webauthn.get";
        let key = device.key.public();
        assert_eq!(SITE.answered(&CHALLENGE, &key, 0, &device.answers()), Ok(1));
        assert_eq!(
            SITE.answered(&CHALLENGE, &new().public(), 0, &device.answers()),
            Err(WebAuthnError::Signature)
        );
    }
    // RS256 signatures can't be made here; this one was made with OpenSSL.
    let device = Device {
        more: ",\"crossOrigin\":false",
        flags: 5,
        ..Device::new(Key::es256(), "webauthn.get")
    };
    let mut answer = device.answers();
    answer.signature = BASE64.decode(RS256_SIGNATURE).unwrap();
    let key = BASE64.decode(RS256_KEY).unwrap();
    assert_eq!(SITE.answered(&CHALLENGE, &key, 0, &answer), Ok(1));
    answer.signature[9] ^= 1;
    assert_eq!(
        SITE.answered(&CHALLENGE, &key, 0, &answer),
        Err(WebAuthnError::Signature)
    );
    assert_eq!(algorithms().collect::<Vec<_>>(), [-7, -8, -257]);
}

// Made with `openssl genrsa 2048` and `openssl dgst -sha256 -sign`, over what the device in the
// test signs.
const RS256_KEY: &[u8] = b"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAqydgHaM59Fc2jANXOIOu52x4zrH0xcLOWs4rfqiTMNWTwr6x/qOYw5hZxFuBBjoIuUGfLTXPubppoMhDPgXWjFNeK6NqzPeIFGeY9vNkZxo/DO1Yw6/lqptKT7PDzvickxXe5hLAz7cZgwbvOcwN4Fgt11ypA88woZ4vL+zix5Onne8eqPxN8U3K+p78g7Ox5D32zlEdbwBIrxTzOYfK/9uG3TVRK/htkFFi/Da0cpBVsMqzXQIeljdu2SapbkhuR01/F28JL9TcuE/nsg4oCgExfT46NgWYWylWOR8wJGrIpWjy8uYcbkGpWNy3IRvu4cBpB2nBjIIp+YHiP0F6mwIDAQAB";

const RS256_SIGNATURE: &[u8] = b"ovDGbN30XilmQ+PsZmoJl7QH2CTg4H1oiySpHQHLaqnuQFcfvP4Zv2Oqa0Ty4ENH4Z0NhgDZt42njwcSCZ83MHvuLGYF3SlGgPb5BWO/s+nW/cBTV7bs4XV0Y+U3KaD1jreCC+yvFcTGxkNaSorgpii6hIu5C4dR8dw8IsUyytOSHa2HSyX/s8ukgHVMF4rS1LhB9buJGSesTnai9+88E8le0hgb8baVVlNEM9UlAQPXh81MvHCNSr9wOQxS2Vxp5S8A9Ea9roqWUo6VuLvA3anJTCI8aHE8534FLqj3nnywH6OtNVWT/RmRBQD3AkbORD3kv7A6fRys8HsN01LM7g==";
