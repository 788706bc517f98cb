//! The table of all pages, and the document around them.

use leptos::prelude::*;

use crate::accounts::admin::account_page::AdminAccountPage;
use crate::accounts::admin::pages::AdminAccountsPage;
use crate::accounts::factors::passkeys::manage::PasskeysPage;
use crate::accounts::factors::recovery::generate::RecoveryPage;
use crate::accounts::factors::recovery::offer::RecoveryOfferPage;
use crate::accounts::factors::recovery::redeem::RecoverPage;
use crate::accounts::factors::totp::check::TotpPage;
use crate::accounts::factors::totp::set_up::AuthenticatorPage;
use crate::accounts::login::login::LoginPage;
use crate::accounts::login::logout::AccountMenu;
use crate::accounts::login::register::RegisterPage;
use crate::accounts::passwords::change::PasswordPage;
use crate::accounts::passwords::confirm::ConfirmPage;
use crate::accounts::phone::change_number::{NumberCodePage, NumberPage};
use crate::accounts::phone::check_code::CodePage;
use crate::accounts::phone::send_code::VerifyPage;
use crate::accounts::settings::delete::DeletePage;
use crate::accounts::settings::export::DataPage;
use crate::accounts::settings::page::AccountPage;
use crate::polls::admin::pages::{AdminPollPage, AdminPollsPage};
use crate::polls::browse::can_i_vote::page::CanIVotePage;
use crate::polls::browse::home::HomePage;
use crate::polls::browse::show::PollPage;
use crate::polls::manage::create::keep::WriteFirstPage;
use crate::polls::manage::create::page::CreatePage;
use crate::polls::manage::edit::EditPage;
use crate::polls::manage::my_polls::MyPollsPage;
use crate::polls::results::page::ResultsPage;
use crate::polls::results::screen::ScreenPage;
use crate::polls::voting::page::BallotPage;
use crate::polls::voting::receipt_lookup::ReceiptPage;
use crate::web::components::page::layout::Document;

/// Renders a page, without the document around it.
pub type Component = fn() -> AnyView;

/// Every page: its route and its component, which reads the parts in braces by
/// [`segment_after`](crate::web::location::Location::segment_after).
pub const PAGES: &[(&str, Component)] = &[
    ("/", || HomePage().into_any()),
    ("/can-i-vote", || CanIVotePage().into_any()),
    ("/register", || RegisterPage().into_any()),
    ("/login", || LoginPage().into_any()),
    ("/verify", || VerifyPage().into_any()),
    ("/verify/code", || CodePage().into_any()),
    ("/verify/app", || TotpPage().into_any()),
    ("/verify/recovery", || RecoverPage().into_any()),
    ("/account", || AccountPage().into_any()),
    ("/account/authenticator", || AuthenticatorPage().into_any()),
    ("/account/passkeys", || PasskeysPage().into_any()),
    ("/account/recovery", || RecoveryPage().into_any()),
    ("/account/recovery/offer", || RecoveryOfferPage().into_any()),
    ("/account/number", || NumberPage().into_any()),
    ("/account/number/code", || NumberCodePage().into_any()),
    ("/account/confirm", || ConfirmPage().into_any()),
    ("/account/data", || DataPage().into_any()),
    ("/account/delete", || DeletePage().into_any()),
    ("/account/password", || PasswordPage().into_any()),
    ("/admin", || AdminPollsPage().into_any()),
    ("/admin/polls/{id}", || AdminPollPage().into_any()),
    ("/admin/accounts", || AdminAccountsPage().into_any()),
    ("/admin/accounts/{name}", || AdminAccountPage().into_any()),
    ("/polls/new", || CreatePage().into_any()),
    ("/polls/new/draft", || WriteFirstPage().into_any()),
    ("/account/polls", || MyPollsPage().into_any()),
    ("/polls/{id}", || PollPage().into_any()),
    ("/polls/{id}/edit", || EditPage().into_any()),
    ("/polls/{id}/vote", || BallotPage().into_any()),
    ("/polls/{id}/results", || ResultsPage().into_any()),
    ("/polls/{id}/screen", || ScreenPage().into_any()),
    ("/polls/{id}/receipt", || ReceiptPage().into_any()),
];

/// Wraps a page in the HTML document, with the account menu in its header.
#[must_use]
pub fn document(page: AnyView) -> AnyView {
    let menu = view! { <AccountMenu/> }.into_any();
    view! { <Document menu>{page}</Document> }.into_any()
}
